using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Stores;

namespace Parley.Processor.Turns;

/// <summary>Turns over parked messages: what a command releases, oldest first, one turn a run.</summary>
/// <remarks>
/// The messages are seen and have their place in the history; the turn takes them off the parked list in the commit that answers them.
/// The conversation is parked until the list is empty. New messages wait behind the command in the lane.
/// </remarks>
internal sealed partial class Turn
{
    private readonly ConversationCommand? _command;
    private readonly bool _commandMayHaveRun;
    private IReadOnlyList<ParkedMessage> _released = [];

    /// <summary>The state as it is stored, when the one to commit differs already.</summary>
    private ConversationState? _before;
    private bool _moreParked;
    private bool _skipping;

    private Turn(ConversationKey key, ConversationCommand command, bool mayHaveRun, TenantRules rules, string attemptId, TurnMemory? memory)
    {
        (_key, _command, _commandMayHaveRun, _rules, _attemptId, Memory) = (key, command, mayHaveRun, rules, attemptId, memory ?? new TurnMemory());
        (_messages, TurnId) = ([], "");
    }

    /// <summary>The next turn over the conversation's parked messages.</summary>
    /// <param name="key">The conversation.</param>
    /// <param name="command">Who asked for it.</param>
    /// <param name="mayHaveRun">Whether an earlier owner may have begun on the command.</param>
    /// <param name="rules">Of the tenant.</param>
    /// <param name="attemptId">Of this run; unique.</param>
    /// <param name="memory">What the run before left.</param>
    public static Turn OverParked(
        ConversationKey key, ConversationCommand command, bool mayHaveRun, TenantRules rules, string attemptId, TurnMemory? memory = null) =>
        new(key, command, mayHaveRun, rules, attemptId, memory);

    /// <summary>A command delivered twice must not drop two turns: its commit, and the reply in it, have the command's id.</summary>
    private string SkipTurnId => "t_" + DerivedId.Of("skip", _key.Tenant, _key.ConversationId, _command!.CommandId);

    private TurnEffect OnParkedLoaded(TurnEvent.Loaded loaded, DateTimeOffset now)
    {
        // A crash may have come between an earlier turn's commit and its publishing.
        _owed = loaded.Pending;
        (_released, _skipping, _moreParked) = ([], false, false);
        if (loaded.State is not { } stored || loaded.Parked.Oldest.Count == 0) return _publish = new TurnEffect.Publish(_owed, []);

        var oldest = loaded.Parked.Oldest[0];
        if (oldest.CommandId == _command!.CommandId)
        {
            // This command has failed on it before: it is over.
            return _publish = new TurnEffect.Publish(_owed, [TurnFact.Parked(oldest.Message, oldest.CommandId, oldest.Reason, now)]);
        }

        var turnId = oldest.TurnId;
        _released = [.. loaded.Parked.Oldest.TakeWhile(p => p.TurnId == turnId)];
        _unseen = [.. _released.Select(p => new TurnMessage(p.Message, p.Partition, p.Offset, _commandMayHaveRun))];
        _asked = [.. _unseen.Select(m => m.Message)];
        TurnId = turnId;
        Count(loaded.Attempts);

        // With an answer the conversation is what it would have been; as long as more is parked, it stays so.
        _moreParked = loaded.Parked.Total > _released.Count;
        _before = stored;
        _state = stored.WithActivity(_key, turnId, _rules.SessionTimeout, now);
        if (_state.Status == ConversationStatus.Parked && !_moreParked) _state = _state with { Status = ConversationStatus.Active, ParkedReason = null };

        _skipping = _command.Command == CommandNames.Skip && !loaded.HasReply;
        if (_skipping) return Drop($"skipped by {_command.By ?? "a command"}{(_command.Reason is { } why ? $": {why}" : "")}");

        // The rest of a conversation that was handed to a person on the way is that person's.
        return _state.Status == ConversationStatus.HandedOff ? Commit(_state, [], new TurnFacts(), now) : Ask(now);
    }
}
