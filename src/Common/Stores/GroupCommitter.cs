using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Parley.Common.Conversations;

namespace Parley.Common.Stores;

/// <summary>Commits the turns of many lanes in groups: the lanes share the store's transactions, which is what makes it fast enough.</summary>
/// <remarks>A turn that finds the store idle is committed at once; turns that come meanwhile make up the next group.</remarks>
public sealed partial class GroupCommitter : IAsyncDisposable, IDisposable
{
    private readonly IConversationStore _store;
    private readonly StoreMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Batcher<TurnCommit, CommitOutcome> _batcher;

    public GroupCommitter(IConversationStore store, IOptions<StoreOptions> options, StoreMetrics metrics, TimeProvider time, ILogger<GroupCommitter> log)
    {
        (_store, _metrics, _time, _log) = (store, metrics, time, log);
        _batcher = new(new BatchSettings(options.Value.MaxGroupTurns, options.Value.Groups, options.Value.Linger), time, CommitGroupAsync);
    }

    /// <summary>Commits a turn, together with whatever else waits.</summary>
    /// <param name="cancellation">Ends the wait. A turn whose group is under way may be committed all the same: read back before deciding anything.</param>
    /// <exception cref="StoreUnavailableException">The turn's group failed; see <see cref="StoreUnavailableException.OutcomeUnknown"/>.</exception>
    /// <exception cref="ArgumentException">The turn contradicts itself; no other turn is affected.</exception>
    public Task<CommitOutcome> CommitAsync(TurnCommit turn, CancellationToken cancellation)
    {
        TurnRules.Check(turn);
        return _batcher.RunAsync(turn, cancellation);
    }

    /// <summary>Takes no more turns and waits for those it has.</summary>
    public ValueTask DisposeAsync() => _batcher.DisposeAsync();

    public void Dispose() => _batcher.Dispose();

    private async Task<IReadOnlyList<CommitOutcome>> CommitGroupAsync(IReadOnlyList<TurnCommit> turns)
    {
        var started = _time.GetTimestamp();
        try
        {
            // Not the lanes' tokens: a group belongs to all of its lanes. The store's own time limits end it.
            var outcomes = await _store.CommitAsync(turns, CancellationToken.None);
            _metrics.Committed(outcomes, _time.GetElapsedTime(started));
            for (var i = 0; i < turns.Count; i++)
            {
                // Told here and not by the turn: a turn whose partition has just been lost no longer waits for its outcome.
                if (outcomes[i] != CommitOutcome.Committed) LogNotCommitted(turns[i].TurnId, turns[i].Key, outcomes[i]);
            }

            return outcomes;
        }
        catch (StoreUnavailableException e)
        {
            _metrics.Failed(e.OutcomeUnknown);
            throw;
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Turn {Turn} of {Conversation} was not committed: {Outcome}, somebody else was first")]
    private partial void LogNotCommitted(string turn, ConversationKey conversation, CommitOutcome outcome);
}
