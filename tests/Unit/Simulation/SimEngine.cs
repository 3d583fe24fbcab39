using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Engine.V1;
using Parley.Processor.Engine;
using Parley.Processor.Turns;

namespace Parley.Unit.Simulation;

/// <summary>
/// An engine whose context is a hash chain over all it was told: one compare finds a loss, a repetition, a swap or a fork. Some messages
/// are poison to it: they fail always, a number of times, or take the process that asks with them.
/// </summary>
internal sealed class SimEngine(SimWorld world)
{
    public const string Away = "the engine is away";

    private readonly Dictionary<ConversationKey, List<Func<bool>>> _inside = [];
    private readonly Dictionary<string, int> _asked = [];
    private readonly Dictionary<(string Message, int Episode), int> _deaths = [];
    private readonly Dictionary<string, (int Episode, int Failed, bool Refused)> _failures = [];

    /// <summary>Until when nobody gets an answer.</summary>
    public DateTimeOffset AwayUntil { get; set; }

    public Dictionary<string, Poison> Poisons { get; } = [];

    /// <param name="isOwner">Whether the caller's partition is the caller's, whenever asked: a zombie's call may overlap, an owner's never.</param>
    /// <returns>What to call when the answer leaves.</returns>
    public Action Enter(ConversationKey key, Func<bool> isOwner)
    {
        if (!_inside.TryGetValue(key, out var calls)) _inside.Add(key, calls = []);
        calls.Add(isOwner);
        world.Check(calls.Count(owner => owner()) <= 1, $"{key} is in the engine twice");
        if (calls.Count > 1) world.Count("zombie in the engine");
        return () => calls.Remove(isOwner);
    }

    public EngineOutcome Answer(TurnEffect.CallEngine call)
    {
        if (world.Now < AwayUntil) return new EngineOutcome.Down(Away, TimeSpan.FromSeconds(2));

        var head = call.Messages[0].MessageId;
        foreach (var message in call.Messages) _asked[message.MessageId] = _asked.GetValueOrDefault(message.MessageId) + 1;
        if (world.Strikes(world.Knobs.EngineFails, "engine failed") || call.Messages.Any(m => IsFailing(m.MessageId))) return Note(head, new EngineOutcome.Failed("struck"));
        if (world.Strikes(world.Knobs.EngineRefuses, "engine refused")) return Note(head, new EngineOutcome.Refused("struck"));

        var chain = Chain(call.State.Context?.GetProperty("chain").GetString(), call.Messages.Select(m => m.MessageId));
        var response = new ProcessMessageResponse { Success = true, ResponseContent = chain, UpdatedContext = new Google.Protobuf.WellKnownTypes.Struct() };
        response.UpdatedContext.Fields["chain"] = Google.Protobuf.WellKnownTypes.Value.ForString(chain);
        return new EngineOutcome.Answered(response);
    }

    /// <summary>What to call when the process that asked dies of a message; null when it does not.</summary>
    public Action? KilledBy(IReadOnlyList<InboundMessage> messages)
    {
        if (world.Now < AwayUntil || messages.FirstOrDefault(m => Poisons.GetValueOrDefault(m.MessageId)?.Kills == true) is not { } killer) return null;
        var episode = (killer.MessageId, world.Store.EpisodeOf(killer.MessageId));
        return () =>
        {
            world.Count("killed by a message");
            var deaths = _deaths[episode] = _deaths.GetValueOrDefault(episode) + 1;
            world.Check(deaths <= 3, $"message {killer.MessageId} has killed {deaths} processes");
            if (deaths == 3) world.Count("three deaths of one message");
        };
    }

    /// <summary>Whether failures alone were enough to give a turn up. A zombie's failure may be written after its message was parked, and then counts for the next time.</summary>
    public bool HasSpent(string head)
    {
        var (episode, failed, refused) = _failures.GetValueOrDefault(head);
        return failed >= world.Knobs.MaxAttempts || (refused && episode == world.Store.EpisodeOf(head));
    }

    public static string Chain(string? before, IEnumerable<string> messages) => DerivedId.Of("chain", [before ?? "", .. messages]);

    private EngineOutcome Note(string head, EngineOutcome outcome)
    {
        var episode = world.Store.EpisodeOf(head);
        var known = _failures.GetValueOrDefault(head);
        if (known.Episode != episode) known = (episode, known.Failed, false);
        _failures[head] = known with { Failed = known.Failed + 1, Refused = known.Refused || outcome is EngineOutcome.Refused };
        return outcome;
    }

    private bool IsFailing(string message) => Poisons.GetValueOrDefault(message) is { Kills: false } poison && _asked[message] <= poison.Times;
}

/// <summary>What is wrong with a message: it kills, or fails the first so many times.</summary>
internal sealed record Poison(bool Kills, int Times = 0);
