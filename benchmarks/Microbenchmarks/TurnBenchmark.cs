using BenchmarkDotNet.Attributes;
using Parley.Common.Records;
using Parley.Common.Stores;
using Parley.Engine.V1;
using Parley.Processor.Engine;
using Parley.Processor.Turns;

namespace Parley.Microbenchmarks;

/// <summary>What a turn costs without its store, engine and broker: the decisions, and the engine's request.</summary>
[MemoryDiagnoser]
public class TurnBenchmark
{
    private static readonly InboundMessage Message = Samples.Message();
    private static readonly TurnMessage[] Messages = [new(Message, 0, 0)];
    private static readonly TenantRules Rules = new("sorry", TimeSpan.FromMinutes(30));
    private static readonly TurnCommit Before = Samples.Commit(Message);
    private static readonly ProcessMessageRequest Request = EngineRequest.Of(Message.Key, "t_1", 1, Before.State, [Message]);
    private static readonly ProcessMessageResponse Response = new()
    {
        Success = true, MessageId = Message.MessageId, TenantId = "demo", ConversationId = Message.ConversationId, ResponseType = "text",
        ResponseContent = "Your order ORD123456 is on its way and arrives tomorrow.", ModelUsed = "small",
    };

    private static readonly TurnEvent Loaded = new TurnEvent.Loaded(Before.State, []);
    private static readonly TurnEvent Answered = new TurnEvent.EngineReturned(new EngineOutcome.Answered(Response), TimeSpan.FromMilliseconds(80));
    private static readonly TurnEvent Committed = new TurnEvent.CommitReturned(CommitOutcome.Committed);
    private static readonly TurnEvent Published = new TurnEvent.PublishReturned(true);

    /// <summary>Load, engine, commit, publish, done.</summary>
    [Benchmark]
    public object Decide()
    {
        var turn = new Turn(Message.Key, Messages, Rules, "attempt-1");
        turn.Start();
        turn.On(Loaded, Samples.Now);
        turn.On(Answered, Samples.Now);
        turn.On(Committed, Samples.Now);
        return turn.On(Published, Samples.Now);
    }

    [Benchmark]
    public ProcessMessageRequest MakeRequest() => EngineRequest.Of(Message.Key, "t_1", 1, Before.State, [Message]);

    [Benchmark]
    public object CheckAnswer() => AnswerCheck.Judge(Request, Response);
}
