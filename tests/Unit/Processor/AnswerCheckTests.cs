using Parley.Engine.V1;
using Parley.Processor.Engine;

namespace Parley.Unit.Processor;

public sealed class AnswerCheckTests
{
    private static readonly ProcessMessageRequest Request = new()
    {
        TenantId = "demo", ConversationId = "c_1", Messages = { new Message { MessageId = "m1" }, new Message { MessageId = "m2" } },
    };

    [Fact]
    public void An_answer_to_the_last_message_is_taken() => Assert.IsType<EngineOutcome.Answered>(AnswerCheck.Judge(Request, Good()));

    public static TheoryData<string, Action<ProcessMessageResponse>> Foreign() => new()
    {
        { "message_id", r => r.MessageId = "m1" },
        { "message_id", r => r.MessageId = "" },
        { "tenant_id", r => r.TenantId = "other" },
        { "conversation_id", r => r.ConversationId = "c_2" },
        { "response_type", r => r.ResponseType = "hologram" },
        { "response_content", r => r.ResponseContent = new string('x', 70_000) },
    };

    [Theory]
    [MemberData(nameof(Foreign))]
    public void An_answer_that_is_not_this_requests_is_refused_by_name(string member, Action<ProcessMessageResponse> spoil)
    {
        var answer = Good();
        spoil(answer);
        Assert.Contains(member, Assert.IsType<EngineOutcome.Refused>(AnswerCheck.Judge(Request, answer)).Reason);
    }

    [Theory]
    [InlineData(true, typeof(EngineOutcome.Failed))]
    [InlineData(false, typeof(EngineOutcome.Refused))]
    public void An_error_is_repeated_only_when_the_engine_says_so(bool retryable, Type expected)
    {
        var answer = Good();
        answer.Success = false;
        answer.Error = new EngineError { Code = "x", Message = "y", Retryable = retryable };
        Assert.IsType(expected, AnswerCheck.Judge(Request, answer));
    }

    private static ProcessMessageResponse Good() => new()
    {
        Success = true, MessageId = "m2", TenantId = "demo", ConversationId = "c_1", ResponseContent = "hi",
    };
}
