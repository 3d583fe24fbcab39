using Google.Protobuf.WellKnownTypes;
using Parley.Chaos.History;
using Parley.Engine.V1;
using Parley.TestKit.Engine;

namespace Parley.Chaos.Workload;

/// <summary>The engine of the run: what it answers follows from the context it gets and the messages, so that every turn leaves its mark in the chain.</summary>
/// <remarks>It never dies. It is slow now and then, and now and then it says that it is overloaded.</remarks>
internal sealed class ChainEngine(FakeEngine fake, IReadOnlyList<ChaosTenant> tenants, RunHistory history, int seed)
{
    private readonly Dictionary<string, ChaosTenant> _tenants = tenants.ToDictionary(t => t.Id);
    private readonly Random _random = new(seed); // guarded by itself

    public string Address => fake.Address;

    /// <summary>Share of calls that are slow.</summary>
    public double Slow { get; set; } = 0.02;

    /// <summary>How slow, at most.</summary>
    public TimeSpan SlowUpTo { get; set; } = TimeSpan.FromSeconds(1.5);

    /// <summary>Share of calls that are refused for now.</summary>
    public double Overloaded { get; set; } = 0.005;

    /// <summary>Answers of this tenant take <see cref="Hang"/>; null for none.</summary>
    public string? HangingTenant { get; set; }

    public TimeSpan Hang { get; set; } = TimeSpan.FromSeconds(4);

    public void Start()
    {
        fake.RemembersCalls = false;
        fake.Answer = AnswerAsync;
    }

    private async Task<EngineAnswer> AnswerAsync(ProcessMessageRequest request, CancellationToken hungUp)
    {
        var arrived = RunHistory.Now;
        var (chance, wait) = Draw();
        if (request.TenantId == HangingTenant) await Task.Delay(Hang, hungUp);
        else if (chance < Slow) await Task.Delay(SlowUpTo * wait, hungUp);
        else if (chance > 1 - Overloaded) return EngineAnswer.Failure(8, "overloaded");

        var before = Member(request, "hash") ?? HashChain.Start;
        var ids = request.Messages.Select(m => m.MessageId).ToList();
        var texts = request.Messages.Select(m => m.Content.Text).ToList();
        var after = HashChain.Next(before, ids);
        var canary = _tenants[request.TenantId].Canary;
        MessageText.TryRead(texts[^1], out var last, out _);
        var answer = EngineAnswer.Text(request, MessageText.Reply(last, after, canary));
        answer.Response!.UpdatedContext = new Struct { Fields = { ["hash"] = Value.ForString(after), ["canary"] = Value.ForString(canary) } };
        history.Add(new EngineCall(
            "engine", arrived, request.TenantId, request.ConversationId, request.RequestId, ids, texts, before, after,
            Member(request, "canary"), answer.Response.ResponseContent));
        return answer;
    }

    private (double Chance, double Wait) Draw()
    {
        lock (_random) return (_random.NextDouble(), _random.NextDouble());
    }

    private static string? Member(ProcessMessageRequest request, string name) =>
        request.Context is { } context && context.Fields.TryGetValue(name, out var value) && value.KindCase == Value.KindOneofCase.StringValue ? value.StringValue : null;
}
