using Google.Protobuf.WellKnownTypes;
using Parley.Engine.V1;
using Parley.Standalone.DemoEngine;

namespace Parley.Unit.Standalone.DemoEngine;

public sealed class AssistantTests
{
    private static readonly DateOnly Monday = new(2026, 11, 23);

    [Fact]
    public void Answers_every_message_of_a_turn_in_order()
    {
        var response = Assistant.Answer(Request(null, "ORD123456", "what's in it?", "thanks"), Monday);

        var answers = response.ResponseContent.Split("\n\n");
        Assert.Equal(3, answers.Length);
        Assert.Contains("packed", answers[0], StringComparison.Ordinal);
        Assert.Contains("in all", answers[1], StringComparison.Ordinal);
        Assert.Contains("welcome", answers[2], StringComparison.Ordinal);
        Assert.Equal("m_2", response.MessageId);
    }

    [Fact]
    public void Gives_the_same_answer_to_the_same_request()
    {
        var request = Request(null, "where is ORD123455?");

        Assert.Equal(Assistant.Answer(request, Monday), Assistant.Answer(request, Monday));
    }

    [Fact]
    public void Names_the_members_of_the_context_that_changed()
    {
        var first = Assistant.Answer(Request(null, "Hi, cancel ORD123456"), Monday);
        Assert.Equal(["expecting", "greeted", "order", "orders", "topic"], first.ContextChanges);

        var second = Assistant.Answer(Request(first.UpdatedContext, "yes"), Monday);
        Assert.Equal(["expecting", "orders", "topic"], second.ContextChanges);
    }

    [Fact]
    public void Starts_afresh_from_a_context_that_is_not_its_own()
    {
        var foreign = new Struct
        {
            Fields =
            {
                ["order"] = Value.ForNumber(7), ["orders"] = Value.ForString("x"), ["topic"] = Value.ForString("3"), ["puzzled"] = Value.ForNumber(-1e300),
                ["expecting"] = Value.ForNull(), ["mood"] = Value.ForString("sunny"),
            },
        };

        var response = Assistant.Answer(Request(foreign, "where is it?"), Monday);

        Assert.StartsWith("Which order is it about?", response.ResponseContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_order_number_has_an_order_whose_dates_fit_its_status()
    {
        for (var number = 1; number < 500; number++)
        {
            var order = Order.Find($"ORD{number:000000}")!;

            Assert.InRange(order.Lines.Count, 1, 3);
            Assert.Equal(order.Lines.Count, order.Lines.Select(l => l.Product).Distinct().Count());
            Assert.Equal(order.Status, order.StatusOn(Monday, Monday));
            Assert.Equal(OrderStatus.Delivered, order.StatusOn(Monday, Monday.AddDays(10)));
        }
    }

    private static ProcessMessageRequest Request(Struct? context, params string[] texts)
    {
        var request = new ProcessMessageRequest { RequestId = "t", TenantId = "demo", ConversationId = "c", Context = context };
        request.Messages.AddRange(texts.Select((text, i) => new Message { MessageId = $"m_{i}", Content = new Content { Type = "text", Text = text } }));
        return request;
    }
}
