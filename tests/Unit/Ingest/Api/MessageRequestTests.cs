using System.Text.Json;
using Parley.Common.Tenants;
using Parley.Ingest.Api;
using Parley.Ingest.Api.Messages;

namespace Parley.Unit.Ingest.Api;

public sealed class MessageRequestTests
{
    private static readonly Tenant Demo = new()
    {
        Id = "demo",
        Accounts =
        [
            new ChannelAccount { Channel = "web", Id = "site" },
            new ChannelAccount { Channel = "whatsapp", Id = "1" },
            new ChannelAccount { Channel = "whatsapp", Id = "2" },
        ],
    };

    [Fact]
    public void Reads_a_whole_body()
    {
        var request = Accept("""
            {"user_id":"u1","channel":"whatsapp","account":"2","conversation_id":"my-conversation.1","message_id":"m 1",
             "content":{"type":"choice","text":"Yes\nplease","choice_id":"yes"},"context":{"plan":"gold"}}
            """);
        Assert.Equal(("u1", "whatsapp", "2", "my-conversation.1", "m 1"), (request.UserId, request.Channel, request.Account, request.ConversationId, request.MessageId));
        Assert.Equal(("choice", "Yes\nplease", "yes"), (request.Content.Type, request.Content.Text, request.Content.ChoiceId));
        Assert.Equal("gold", request.Context?.GetProperty("plan").GetString());
    }

    [Fact]
    public void Takes_the_web_channel_and_its_only_account_when_none_is_named()
    {
        var request = Accept("""{"user_id":"u1","content":{"type":"text","text":"hi"}}""");
        Assert.Equal(("web", "site", null, null), (request.Channel, request.Account, request.ConversationId, request.MessageId));
    }

    [Theory]
    [InlineData("""{"type":"image","media":[{"url":"https://a.example/x.png","mime_type":"image/png","size_bytes":7}]}""")]
    [InlineData("""{"type":"document","text":"caption","media":[{"id":"7","file_name":"a.pdf","sha256":"abc="}]}""")]
    [InlineData("""{"type":"location","data":{"latitude":-90,"longitude":180,"name":"x"}}""")]
    [InlineData("""{"type":"contacts","data":{"cards":[]}}""")]
    [InlineData("""{"type":"order","text":"please","data":{"items":[]}}""")]
    [InlineData("""{"type":"choice","choice_id":"x"}""")]
    public void Takes_every_type(string content) => Accept($$"""{"user_id":"u1","content":{{content}}}""");

    public static TheoryData<string, string> Wrong => new()
    {
        { "[]", "body object_type" },
        { "7", "body object_type" },
        { "{}", "body.user_id missing, body.content missing" },
        { """{"user_id":null,"content":null}""", "body.user_id missing, body.content missing" },
        { Body("\"user_id\":7"), "body.user_id string_type" },
        { Body("\"user_id\":\"\""), "body.user_id string_too_short" },
        { Body("\"user_id\":\"  \""), "body.user_id string_too_short" },
        { Body($"\"user_id\":\"{new string('u', 257)}\""), "body.user_id string_too_long" },
        { Body("\"user_id\":\"a\\u0000b\""), "body.user_id string_control_character" },
        { Body("\"user_id\":\"a\\nb\""), "body.user_id string_control_character" },
        { Body("\"user_id\":{\"$ne\":null}"), "body.user_id string_type" },
        { Body("\"user_id\":\"u\",\"channel\":\"fax\""), "body.channel enum" },
        { Body("\"user_id\":\"u\",\"channel\":\"Web\""), "body.channel enum" },
        { Body("\"user_id\":\"u\",\"channel\":1"), "body.channel string_type" },
        { Body("\"user_id\":\"u\",\"channel\":\"slack\""), "body.account enum" },
        { Body("\"user_id\":\"u\",\"channel\":\"whatsapp\""), "body.account missing" },
        { Body("\"user_id\":\"u\",\"channel\":\"whatsapp\",\"account\":\"3\""), "body.account enum" },
        { Body("\"user_id\":\"u\",\"account\":\"1\""), "body.account enum" },
        { Body("\"user_id\":\"u\",\"conversation_id\":\"\""), "body.conversation_id string_too_short" },
        { Body("\"user_id\":\"u\",\"conversation_id\":\"a/b\""), "body.conversation_id string_pattern_mismatch" },
        { Body("\"user_id\":\"u\",\"conversation_id\":\"a b\""), "body.conversation_id string_pattern_mismatch" },
        { Body($"\"user_id\":\"u\",\"conversation_id\":\"{new string('c', 257)}\""), "body.conversation_id string_too_long" },
        { Body($"\"user_id\":\"u\",\"message_id\":\"{new string('m', 257)}\""), "body.message_id string_too_long" },
        { Body("\"user_id\":\"u\",\"message_id\":[]"), "body.message_id string_type" },
        { Body("\"user_id\":\"u\",\"context\":\"x\""), "body.context object_type" },
        { Body("\"user_id\":\"u\",\"context\":[1]"), "body.context object_type" },
        { Body("\"user_id\":\"u\",\"tenant_id\":\"other\",\"status\":\"done\""), "body.tenant_id extra_forbidden, body.status extra_forbidden" },
        { Body("\"user_id\":\"u\",\"User_Id\":\"u\""), "body.User_Id extra_forbidden" },
        { Content("\"hi\""), "body.content object_type" },
        { Content("{}"), "body.content.type missing" },
        { Content("{\"type\":\"text\"}"), "body.content.text missing" },
        { Content("{\"type\":\"text\",\"text\":\"\"}"), "body.content.text string_too_short" },
        { Content("{\"type\":\"text\",\"text\":\" \\n \"}"), "body.content.text string_too_short" },
        { Content("{\"type\":\"text\",\"text\":7}"), "body.content.text string_type" },
        { Content($"{{\"type\":\"text\",\"text\":\"{new string('t', 16_385)}\"}}"), "body.content.text string_too_long" },
        { Content("{\"type\":\"text\",\"text\":\"a\\u0007\"}"), "body.content.text string_control_character" },
        { Content("{\"type\":\"hologram\",\"text\":\"a\"}"), "body.content.type enum" },
        { Content("{\"type\":\"reaction\",\"text\":\"a\"}"), "body.content.type enum" },
        { Content("{\"type\":\"text\",\"text\":\"a\",\"html\":\"b\"}"), "body.content.html extra_forbidden" },
        { Content("{\"type\":\"choice\",\"text\":\"a\"}"), "body.content.choice_id missing" },
        { Content("{\"type\":\"image\"}"), "body.content.media missing" },
        { Content("{\"type\":\"image\",\"media\":{}}"), "body.content.media list_type" },
        { Content("{\"type\":\"image\",\"media\":[]}"), "body.content.media too_short" },
        { Content("{\"type\":\"image\",\"media\":[" + string.Join(',', Enumerable.Repeat("{\"id\":\"1\"}", 11)) + "]}"), "body.content.media too_long" },
        { Content("{\"type\":\"image\",\"media\":[7]}"), "body.content.media.0 object_type" },
        { Content("{\"type\":\"image\",\"media\":[{\"id\":\"1\"},{}]}"), "body.content.media.1.id missing" },
        { Content("{\"type\":\"image\",\"media\":[{\"url\":\"http://a.example/x\"}]}"), "body.content.media.0.url url_scheme" },
        { Content("{\"type\":\"image\",\"media\":[{\"url\":\"javascript:alert(1)\"}]}"), "body.content.media.0.url url_scheme" },
        { Content("{\"type\":\"image\",\"media\":[{\"url\":\"/x\"}]}"), "body.content.media.0.url url_scheme" },
        { Content("{\"type\":\"image\",\"media\":[{\"id\":\"1\",\"size_bytes\":-1}]}"), "body.content.media.0.size_bytes number_range" },
        { Content("{\"type\":\"image\",\"media\":[{\"id\":\"1\",\"path\":\"x\"}]}"), "body.content.media.0.path extra_forbidden" },
        { Content("{\"type\":\"location\"}"), "body.content.data missing" },
        { Content("{\"type\":\"location\",\"data\":{\"latitude\":91,\"longitude\":\"x\"}}"), "body.content.data.latitude number_range, body.content.data.longitude number_range" },
        { Content("{\"type\":\"contacts\",\"data\":[]}"), "body.content.data object_type" },
    };

    [Theory, MemberData(nameof(Wrong))]
    public void Names_each_wrong_field(string body, string expected)
    {
        var (request, errors) = Read(body);
        Assert.Null(request);
        Assert.Equal(expected, string.Join(", ", errors.Select(e => $"{string.Join('.', e.Loc)} {e.Type}")));
        Assert.All(errors, e => Assert.NotEmpty(e.Msg));
    }

    [Theory]
    [InlineData(null, 10)]
    [InlineData("wait=3", 3)]
    [InlineData("wait=0", 0)]
    [InlineData("wait=99", 30)]
    [InlineData("wait=-1", 10)]
    [InlineData("wait=soon", 10)]
    [InlineData("respond-async", 0)]
    [InlineData("Respond-Async", 0)]
    [InlineData("respond-async, wait=2", 2)]
    [InlineData("wait=2, respond-async", 2)]
    [InlineData("return=minimal; wait=4", 4)]
    [InlineData("handling=strict", 10)]
    public void Waits_as_long_as_preferred(string? prefer, int seconds)
    {
        var http = new Microsoft.AspNetCore.Http.DefaultHttpContext();
        if (prefer is not null) http.Request.Headers["Prefer"] = prefer;
        Assert.Equal(TimeSpan.FromSeconds(seconds), Preference.Wait(http.Request, TimeSpan.FromSeconds(10)));
    }

    private static string Body(string members) => "{" + members + ",\"content\":{\"type\":\"text\",\"text\":\"hi\"}}";

    private static string Content(string content) => "{\"user_id\":\"u\",\"content\":" + content + "}";

    private static MessageRequest Accept(string body)
    {
        var (request, errors) = Read(body);
        Assert.Empty(errors);
        Assert.NotNull(request);
        return request;
    }

    private static (MessageRequest? Request, List<FieldError> Errors) Read(string body)
    {
        using var document = JsonDocument.Parse(body);
        List<FieldError> errors = [];
        return (MessageRequest.Read(document.RootElement, Demo, errors), errors);
    }
}
