using System.Text.Json;
using Parley.Standalone.Simulator;

namespace Parley.Unit.Standalone.Simulator;

public sealed class SendCheckTests
{
    [Fact]
    public void Takes_a_text()
    {
        var (send, error) = Read("""{"messaging_product":"whatsapp","to":"+1 (555) 01-00","type":"text","text":{"body":"hi"},"biz_opaque_callback_data":"r.c"}""");

        Assert.Null(error);
        Assert.Equal(("15550100", "text", "hi", "r.c"), (send!.User, send.Type, send.Text, send.CallbackData));
    }

    [Fact]
    public void Takes_buttons_and_lists()
    {
        var (buttons, _) = Read(Interactive("""{"type":"button","body":{"text":"b"},"action":{"buttons":[{"type":"reply","reply":{"id":"1","title":"One"}}]}}"""));
        var (list, _) = Read(Interactive("""{"type":"list","body":{"text":"b"},"action":{"button":"Open","sections":[{"rows":[{"id":"1","title":"One","description":"d"},{"id":"2","title":"Two"}]}]}}"""));

        Assert.Equal([new ChatButton("1", "One")], buttons!.Buttons);
        Assert.Equal([new ChatButton("1", "One", "d"), new ChatButton("2", "Two")], list!.Buttons);
    }

    [Theory]
    [InlineData("[]", 100, "not a JSON object")]
    [InlineData("""{"to":"15550100"}""", 100, null)]
    [InlineData("""{"messaging_product":"whatsapp","type":"text","text":{"body":"x"}}""", 131008, "to is required")]
    [InlineData("""{"messaging_product":"whatsapp","to":"abc","text":{"body":"x"}}""", 131009, "'abc'")]
    [InlineData("""{"messaging_product":"whatsapp","to":"15550100","type":"text"}""", 131008, "text is required")]
    [InlineData("""{"messaging_product":"whatsapp","to":"15550100","type":"text","text":{"body":""}}""", 131008, "text['body']")]
    [InlineData("""{"messaging_product":"whatsapp","to":"15550100","type":"poem","poem":{}}""", 100, "'poem'")]
    public void Refuses_a_body_the_real_one_would_refuse(string body, int code, string? details)
    {
        var (send, error) = Read(body);

        Assert.Null(send);
        Assert.Equal(code, error!.Code);
        if (details is not null) Assert.Contains(details, error.Details, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4096, true)]
    [InlineData(4097, false)]
    public void A_text_has_at_most_4096_characters(int length, bool taken) =>
        Assert.Equal(taken, Read($$$"""{"messaging_product":"whatsapp","to":"15550100","text":{"body":"{{{new string('x', length)}}}"}}""").Error is null);

    [Theory]
    [InlineData("""{"type":"button","body":{"text":"b"},"action":{"buttons":[]}}""", "buttons count")]
    [InlineData("""{"type":"button","body":{"text":"b"},"action":{"buttons":[{"reply":{"id":"1","title":"This title is too long"}}]}}""", "title length")]
    [InlineData("""{"type":"button","body":{"text":"b"},"action":{"buttons":[{"reply":{"id":"1","title":"A"}},{"reply":{"id":"2","title":"A"}}]}}""", "unique")]
    [InlineData("""{"type":"button","body":{"text":"b"},"action":{"buttons":[{"reply":{"title":"A"}}]}}""", "id length")]
    [InlineData("""{"type":"list","body":{"text":"b"},"action":{"sections":[{"rows":[{"id":"1","title":"A"}]}]}}""", "label")]
    [InlineData("""{"type":"list","body":{"text":"b"},"action":{"button":"Open","sections":[{"rows":[{"id":"1","title":"A"},{"id":"1","title":"B"}]}]}}""", "Duplicated")]
    [InlineData("""{"type":"button","action":{"buttons":[{"reply":{"id":"1","title":"A"}}]}}""", "interactive['body']['text']")]
    public void Refuses_choices_past_their_limits(string interactive, string details) =>
        Assert.Contains(details, Read(Interactive(interactive)).Error!.Details, StringComparison.Ordinal);

    [Theory]
    [InlineData("1555131056", 131056)]
    [InlineData("1555130429", 130429)]
    public void A_failing_number_is_refused_with_its_code(string user, int code) => Assert.Equal(code, GraphError.AtOnceFor(user)!.Code);

    [Fact]
    public void Other_failing_numbers_are_accepted_and_fail_later()
    {
        Assert.Null(GraphError.AtOnceFor("1555131047"));
        Assert.Equal(131047, GraphError.LaterFor("1555131047")!.Value.Code);
        Assert.Null(GraphError.LaterFor("15550100"));
    }

    private static string Interactive(string interactive) => $$"""{"messaging_product":"whatsapp","to":"15550100","type":"interactive","interactive":{{interactive}}}""";

    private static (SimulatedSend? Send, GraphError? Error) Read(string body) => SendCheck.Read(JsonDocument.Parse(body).RootElement);
}
