using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Common.Records;
using Parley.Dispatcher.Channels.WhatsApp;
using static Parley.Unit.Dispatcher.Replies;

namespace Parley.Unit.Dispatcher;

public sealed class WhatsAppMessagesTests
{
    [Fact]
    public void A_text() => AssertBody(
        WhatsAppReply("hello"),
        """
        {"messaging_product":"whatsapp","recipient_type":"individual","to":"+16505551234","type":"text",
         "text":{"body":"hello","preview_url":false},"biz_opaque_callback_data":"r_1.c_1"}
        """);

    [Fact]
    public void Up_to_three_short_choices_are_buttons() => AssertBody(
        WhatsAppReply("which?", new ReplyAction("a", "Tea"), new ReplyAction("b", "Coffee")),
        """
        {"messaging_product":"whatsapp","recipient_type":"individual","to":"+16505551234","type":"interactive",
         "interactive":{"type":"button","body":{"text":"which?"},"action":{"buttons":[
            {"type":"reply","reply":{"id":"a","title":"Tea"}},{"type":"reply","reply":{"id":"b","title":"Coffee"}}]}},
         "biz_opaque_callback_data":"r_1.c_1"}
        """);

    [Fact]
    public void More_choices_or_described_ones_are_a_list() => AssertBody(
        WhatsAppReply("which?", new ReplyAction("a", "Tea", "green"), new ReplyAction("b", "Coffee")),
        """
        {"messaging_product":"whatsapp","recipient_type":"individual","to":"+16505551234","type":"interactive",
         "interactive":{"type":"list","body":{"text":"which?"},"action":{"button":"Options","sections":[{"rows":[
            {"id":"a","title":"Tea","description":"green"},{"id":"b","title":"Coffee"}]}]}},
         "biz_opaque_callback_data":"r_1.c_1"}
        """);

    [Fact]
    public void A_business_scoped_user_id_is_a_recipient() => AssertBody(
        WhatsAppReply("hello") with { To = "US.13491208655302741918" },
        """
        {"messaging_product":"whatsapp","recipient_type":"individual","recipient":"US.13491208655302741918","type":"text",
         "text":{"body":"hello","preview_url":false},"biz_opaque_callback_data":"r_1.c_1"}
        """);

    [Fact]
    public void In_a_group_the_message_that_is_answered_is_quoted() => AssertBody(
        WhatsAppReply("hello") with { To = "Y2FwaV9ncm91cA", Thread = "Y2FwaV9ncm91cA", InReplyTo = ["wamid.A", "wamid.B"] },
        """
        {"messaging_product":"whatsapp","recipient_type":"group","to":"Y2FwaV9ncm91cA","type":"text","text":{"body":"hello","preview_url":false},
         "context":{"message_id":"wamid.B"},"biz_opaque_callback_data":"r_1.c_1"}
        """);

    [Theory]
    [InlineData("16505551234", null, "wamid.A")]
    [InlineData("group", "group", "an-id-of-the-rest-api")]
    public void Nothing_else_is_quoted(string to, string? thread, string answered)
    {
        Assert.Null(Assert.Single(WhatsAppMessages.Of(WhatsAppReply("hello") with { To = to, Thread = thread, InReplyTo = [answered] })).Context);
    }

    [Fact]
    public void A_plus_that_is_there_is_not_doubled()
    {
        Assert.Equal("+16505551234", Assert.Single(WhatsAppMessages.Of(WhatsAppReply("hello") with { To = "+16505551234" })).To);
    }

    [Fact]
    public void Callback_data_that_would_be_too_long_is_the_reply_id_alone()
    {
        Assert.Equal("r_1", Assert.Single(WhatsAppMessages.Of(WhatsAppReply("hello") with { ConversationId = new string('c', 509) })).BizOpaqueCallbackData);
        Assert.Equal(512, Assert.Single(WhatsAppMessages.Of(WhatsAppReply("hello") with { ConversationId = new string('c', 508) })).BizOpaqueCallbackData!.Length);
    }

    [Fact]
    public void Long_text_is_several_messages_and_only_the_last_is_called_by_the_replys_id()
    {
        var messages = WhatsAppMessages.Of(WhatsAppReply(string.Join(' ', Enumerable.Repeat("word", 2000)), new ReplyAction("a", "Tea")));

        Assert.Equal(["text", "text", "interactive"], messages.Select(m => m.Type));
        Assert.Equal(["r_1+1.c_1", "r_1+2.c_1", "r_1.c_1"], messages.Select(m => m.BizOpaqueCallbackData));
        Assert.All(messages.SkipLast(1), m => Assert.InRange(m.Text!.Body.Length, 1, 4096));
        Assert.Equal(2000, messages.Sum(m => (m.Text?.Body ?? m.Interactive!.Body.Text).Split(' ').Length));
    }

    [Theory]
    [InlineData(20, 3, 1024, "button")]
    [InlineData(21, 3, 1024, "list")]
    [InlineData(20, 4, 1024, "list")]
    [InlineData(20, 3, 1025, "list")]
    [InlineData(24, 10, 4096, "list")]
    [InlineData(25, 3, 10, null)]
    [InlineData(10, 11, 10, null)]
    public void Choices_take_the_form_they_fit_into(int titleChars, int count, int textChars, string? form)
    {
        var actions = Enumerable.Range(10, count).Select(i => new ReplyAction($"{i}", $"{i}".PadRight(titleChars, 'x'))).ToArray();

        var message = Assert.Single(WhatsAppMessages.Of(WhatsAppReply(new string('t', textChars), actions)));

        Assert.Equal(form, message.Interactive?.Type);
        Assert.Equal(form is null, message.Text is not null);
    }

    [Fact]
    public void Choices_that_fit_into_nothing_are_lines_of_text()
    {
        var reply = WhatsAppReply("which?\n", new ReplyAction("a", new string('x', 25)), new ReplyAction("b", "Coffee", "black"));

        Assert.Equal($"which?\n\n1. {new string('x', 25)}\n2. Coffee - black", Assert.Single(WhatsAppMessages.Of(reply)).Text!.Body);
    }

    [Fact]
    public void Two_buttons_of_one_title_are_a_list_and_two_rows_of_one_id_are_text()
    {
        Assert.Equal("list", Assert.Single(WhatsAppMessages.Of(WhatsAppReply("?", new ReplyAction("a", "Tea"), new ReplyAction("b", "Tea")))).Interactive!.Type);
        Assert.Null(Assert.Single(WhatsAppMessages.Of(WhatsAppReply("?", new ReplyAction("a", "Tea"), new ReplyAction("a", "Coffee")))).Interactive);
    }

    private static void AssertBody(Reply reply, string expected)
    {
        var message = Assert.Single(WhatsAppMessages.Of(reply));
        var body = JsonSerializer.SerializeToNode(message, WhatsAppJson.Default.WhatsAppRequest);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), body), $"was {body}");
    }
}
