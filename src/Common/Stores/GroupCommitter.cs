using Microsoft.Extensions.Options;

namespace Parley.Common.Stores;

/// <summary>Commits the turns of many lanes in groups: the lanes share the store's transactions, which is what makes it fast enough.</summary>
/// <remarks>A turn that finds the store idle is committed at once; turns that come meanwhile make up the next group.</remarks>
public sealed class GroupCommitter : IAsyncDisposable, IDisposable
{
    private readonly Batcher<TurnCommit, CommitOutcome> _batcher;

    public GroupCommitter(IConversationStore store, IOptions<StoreOptions> options, TimeProvider time)
    {
        var settings = options.Value;

        // Not the lanes' tokens: a group belongs to all of its lanes. The store's own time limits end it.
        _batcher = new(
            new BatchSettings(settings.MaxGroupTurns, settings.Groups, settings.Linger),
            time,
            turns => store.CommitAsync(turns, CancellationToken.None));
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
}
