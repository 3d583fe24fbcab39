using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Parley.Dispatcher.Channels;
using Parley.Dispatcher.Channels.WhatsApp;
using Parley.Dispatcher.Sending;

namespace Parley.Unit.Dispatcher;

public sealed class WhatsAppAnswerTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>The table of the Cloud API's error codes, in its words.</summary>
    public static TheoryData<string, string> Table { get; } = new()
    {
        { nameof(WhatsAppErrorClass.AccountLimit), "4 80007 130429 133016 131208" },
        { nameof(WhatsAppErrorClass.PairLimit), "131056" },
        { nameof(WhatsAppErrorClass.Transient), "2 131000 131016 131057 133004" },
        { nameof(WhatsAppErrorClass.Doubtful), "1" },
        { nameof(WhatsAppErrorClass.AccountProblem), "0 3 10 190 200 250 299 131005 368 131031 131037 131042 131045 133010 33 134011 131048 131064" },
        { nameof(WhatsAppErrorClass.WindowClosed), "131047" },
        { nameof(WhatsAppErrorClass.Recipient), "131026 131021 131030 131049 131050 130403 130472 130497 131041 131207" },
        {
            nameof(WhatsAppErrorClass.Content),
            "100 131008 131009 131051 131053 131055 131062 131063 132000 132001 132005 132007 132012 132015 132016 132018 132068 132069 135000"
        },
    };

    [Theory, MemberData(nameof(Table))]
    public void Every_code_has_its_class(string expected, string codes)
    {
        foreach (var code in codes.Split(' ')) Assert.Equal(expected, WhatsAppErrors.Classes[int.Parse(code, null)].ToString());
    }

    [Theory]
    [InlineData(130429, typeof(SendResult.Refused))]
    [InlineData(131056, typeof(SendResult.Refused))]
    [InlineData(131000, typeof(SendResult.Refused))]
    [InlineData(1, typeof(SendResult.Refused))]
    [InlineData(190, typeof(SendResult.AccountBlocked))]
    [InlineData(131047, typeof(SendResult.Rejected))]
    [InlineData(131026, typeof(SendResult.Rejected))]
    [InlineData(100, typeof(SendResult.Rejected))]
    public void The_code_decides_whatever_the_HTTP_status(int code, Type expected)
    {
        foreach (var http in (int[])[200, 400, 403, 404, 429, 500])
        {
            Assert.IsType(expected, Classify(http, Error(code)));
        }
    }

    [Fact]
    public void A_limit_of_the_account_is_the_accounts_and_one_of_a_pair_is_the_pairs()
    {
        Assert.True(Assert.IsType<SendResult.Refused>(Classify(403, Error(130429))).WholeAccount);
        var pair = Assert.IsType<SendResult.Refused>(Classify(403, Error(131056)));
        Assert.Equal((false, 4d), (pair.WholeAccount, pair.Growth));
        Assert.Equal(3, Assert.IsType<SendResult.Refused>(Classify(400, Error(1))).MaxTries);
    }

    [Fact]
    public void The_reason_has_code_words_and_details()
    {
        var body = """{"error":{"message":"(#131047) Re-engagement message","type":"OAuthException","code":131047,"error_data":{"messaging_product":"whatsapp","details":"More than 24 hours have passed"},"fbtrace_id":"x"}}""";

        Assert.Equal("131047: (#131047) Re-engagement message: More than 24 hours have passed", Assert.IsType<SendResult.Rejected>(Classify(400, body)).Reason);
        Assert.Equal(301, Assert.IsType<SendResult.Rejected>(Classify(400, Error(100, new string('x', 1000)))).Reason.Length);
    }

    [Theory]
    [InlineData("""{"messaging_product":"whatsapp","contacts":[{"input":"+1","wa_id":"1"}],"messages":[{"id":"wamid.A","message_status":"accepted"}]}""")]
    [InlineData("""{"messages":[{"id":"wamid.A","message_status":"held_for_quality_assessment"}],"error":null}""")]
    public void With_a_message_id_it_was_taken(string body)
    {
        Assert.Equal(new SendResult.Sent("wamid.A"), Classify(200, body));
        Assert.Equal(new SendResult.Sent("wamid.A"), Classify(206, body));
    }

    [Theory]
    [InlineData(200, "")]
    [InlineData(200, "<html>ok</html>")]
    [InlineData(200, "{}")]
    [InlineData(200, "[]")]
    [InlineData(200, """{"messages":[]}""")]
    [InlineData(200, """{"messages":[{"id":7}]}""")]
    [InlineData(200, """{"messages":[{"id":""}]}""")]
    [InlineData(200, """{"success":true}""")]
    [InlineData(202, "")]
    [InlineData(500, "")]
    [InlineData(502, "<html>bad gateway</html>")]
    [InlineData(503, "{}")]
    [InlineData(500, """{"error":{"code":999999,"message":"new"}}""")]
    [InlineData(408, "")]
    public void Without_a_yes_or_a_no_it_is_in_doubt(int http, string body) => Assert.IsType<SendResult.InDoubt>(Classify(http, body));

    [Theory]
    [InlineData(400, "not json", typeof(SendResult.Rejected))]
    [InlineData(400, """{"error":{"code":999999,"message":"new"}}""", typeof(SendResult.Rejected))]
    [InlineData(413, "", typeof(SendResult.Rejected))]
    [InlineData(401, "", typeof(SendResult.AccountBlocked))]
    [InlineData(403, "<html>proxy</html>", typeof(SendResult.Refused))]
    [InlineData(404, "", typeof(SendResult.Refused))]
    [InlineData(302, "", typeof(SendResult.Refused))]
    [InlineData(429, "", typeof(SendResult.Refused))]
    public void A_no_without_a_code_is_still_a_no(int http, string body, Type expected) => Assert.IsType(expected, Classify(http, body));

    [Theory]
    [InlineData("0", null)]
    [InlineData("1", 1)]
    [InlineData("3600", 3600)]
    [InlineData("864000", 3600)]
    [InlineData("-1", null)]
    [InlineData("soon", null)]
    [InlineData("Thu, 01 Jan 2026 12:00:30 GMT", 30)]
    [InlineData("Thu, 01 Jan 2026 11:00:00 GMT", null)]
    public void Retry_After_is_taken_when_it_makes_sense(string header, int? seconds)
    {
        using var response = new HttpResponseMessage();
        response.Headers.TryAddWithoutValidation("Retry-After", header);

        var result = Assert.IsType<SendResult.Refused>(Classify(429, "", response.Headers.RetryAfter));

        Assert.Equal(seconds, result.After?.TotalSeconds);
        Assert.True(result.WholeAccount);
    }

    [Fact]
    public void What_was_not_written_was_not_taken_and_what_was_not_answered_may_have_been()
    {
        Assert.IsType<SendResult.Refused>(WhatsAppAnswer.Classify(new ChannelAnswer(false, null, null, null, "Connection refused"), Now));
        Assert.IsType<SendResult.InDoubt>(WhatsAppAnswer.Classify(new ChannelAnswer(true, null, null, null, "Connection reset by peer"), Now));
        Assert.IsType<SendResult.InDoubt>(WhatsAppAnswer.Classify(new ChannelAnswer(true, HttpStatusCode.OK, null, null, "cut off"), Now));
        Assert.IsType<SendResult.AccountBlocked>(WhatsAppAnswer.Classify(new ChannelAnswer(true, HttpStatusCode.Unauthorized, null, null, "cut off"), Now));
    }

    private static SendResult Classify(int http, string body, RetryConditionHeaderValue? retryAfter = null) =>
        WhatsAppAnswer.Classify(new ChannelAnswer(true, (HttpStatusCode)http, Encoding.UTF8.GetBytes(body), retryAfter, null), Now);

    private static string Error(int code, string message = "words") => $$$"""{"error":{"message":"{{{message}}}","type":"OAuthException","code":{{{code}}}}}""";
}
