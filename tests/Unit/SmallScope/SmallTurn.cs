using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Engine.V1;
using Parley.Processor.Engine;
using Parley.Processor.Turns;

namespace Parley.Unit.SmallScope;

/// <summary>
/// A real <see cref="Turn"/> as a value: what it was made of and what it was told. The machine is made anew for every step, so that a step can
/// be taken from the same point in two ways. All that is known here of a turn's effects stands in <see cref="SmallProcessor"/>.
/// </summary>
internal sealed class SmallTurn
{
    public static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TenantRules Rules = new("sorry", TimeSpan.FromMinutes(30));

    private readonly ConversationKey _key;
    private readonly IReadOnlyList<TurnMessage> _messages;
    private readonly IReadOnlyList<TurnEvent> _told;

    private readonly string _attemptId;

    public SmallTurn(ConversationKey key, IReadOnlyList<(long Offset, InboundMessage Message)> records, bool mayHaveRun, string attemptId)
    {
        (_key, _messages, _told, _attemptId) = (key, [.. records.Select(r => new TurnMessage(r.Message, 0, r.Offset, mayHaveRun))], [], attemptId);
        Wants = Machine().Start();
        Print = string.Join('+', records.Select(r => $"{r.Message.MessageId}@{r.Offset}")) + (mayHaveRun ? "?" : "");
    }

    private SmallTurn(SmallTurn before, TurnEvent happened, string print)
    {
        (_key, _messages, _told, _attemptId) = (before._key, before._messages, [.. before._told, happened], before._attemptId);
        var turn = Machine();
        var effect = turn.Start();
        foreach (var told in _told) effect = turn.On(told, Now);
        (Wants, Print) = (effect, $"{before.Print},{print}");
    }

    public TurnEffect Wants { get; }

    /// <summary>The same for two turns that will behave the same.</summary>
    public string Print { get; }

    public int Count => _messages.Count;

    public SmallTurn After(TurnEvent happened, string print) => new(this, happened, print);

    public static TurnEvent Answer(IEnumerable<InboundMessage> messages) => new TurnEvent.EngineReturned(
        new EngineOutcome.Answered(new ProcessMessageResponse { Success = true, ResponseContent = string.Join('+', messages.Select(m => m.MessageId)) }), TimeSpan.Zero);

    private Turn Machine() => new(_key, _messages, Rules, _attemptId);
}
