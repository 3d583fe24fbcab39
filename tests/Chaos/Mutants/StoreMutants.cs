using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Stores;
using Parley.Common.Tenants;

namespace Parley.Chaos.Mutants;

/// <summary>Stores with a mistake around the real one.</summary>
internal static class StoreMutants
{
    public static void Replace(IHostApplicationBuilder builder, Func<IServiceProvider, IConversationStore, IConversationStore> decorate)
    {
        var real = builder.Services.Last(s => s.ServiceType == typeof(IConversationStore));
        builder.Services.Remove(real);
        builder.Services.AddSingleton(services => decorate(services, (IConversationStore)real.ImplementationFactory!(services)));
    }
}

/// <summary>Passes everything on; a mutant overrides what it breaks.</summary>
internal abstract class StoreDecorator(IConversationStore inner) : IConversationStore
{
    protected IConversationStore Inner { get; } = inner;

    public Task InitialiseAsync(CancellationToken cancellation) => Inner.InitialiseAsync(cancellation);

    public Task PingAsync(CancellationToken cancellation) => Inner.PingAsync(cancellation);

    public virtual Task<ConversationState?> LoadAsync(ConversationKey key, CancellationToken cancellation) => Inner.LoadAsync(key, cancellation);

    public virtual Task<IReadOnlyList<SeenMessage>> FindSeenAsync(IReadOnlyList<MessageIdentity> messages, CancellationToken cancellation) =>
        Inner.FindSeenAsync(messages, cancellation);

    public virtual Task<IReadOnlyList<CommitOutcome>> CommitAsync(IReadOnlyList<TurnCommit> turns, CancellationToken cancellation) => Inner.CommitAsync(turns, cancellation);

    public Task RecordAttemptAsync(TurnAttempt attempt, CancellationToken cancellation) => Inner.RecordAttemptAsync(attempt, cancellation);

    public Task<IReadOnlyList<AttemptCount>> ReadAttemptsAsync(ConversationKey key, CancellationToken cancellation) => Inner.ReadAttemptsAsync(key, cancellation);

    public Task<ParkedPage> ReadParkedAsync(ConversationKey key, int limit, CancellationToken cancellation) => Inner.ReadParkedAsync(key, limit, cancellation);

    public Task<IReadOnlyList<Reply>> FindPendingRepliesAsync(ConversationKey key, CancellationToken cancellation) => Inner.FindPendingRepliesAsync(key, cancellation);

    public Task<LedgerEntry?> FindReplyAsync(string tenant, string replyId, CancellationToken cancellation) => Inner.FindReplyAsync(tenant, replyId, cancellation);

    public virtual Task<bool> TryUpdateLedgerAsync(LedgerEntry expected, LedgerEntry next, CancellationToken cancellation) =>
        Inner.TryUpdateLedgerAsync(expected, next, cancellation);

    public virtual Task<bool> TryClaimAsync(LedgerEntry expected, LedgerEntry attempt, int epoch, CancellationToken cancellation) =>
        Inner.TryClaimAsync(expected, attempt, epoch, cancellation);

    public Task<ReceiptOutcome?> ApplyReceiptAsync(Receipt receipt, CancellationToken cancellation) => Inner.ApplyReceiptAsync(receipt, cancellation);

    public Task<IReadOnlyList<OwedReply>> FindOwedRepliesAsync(DateTimeOffset before, int limit, CancellationToken cancellation) =>
        Inner.FindOwedRepliesAsync(before, limit, cancellation);

    public Task<HistoryPage> ReadHistoryAsync(ConversationKey key, int page, int pageSize, CancellationToken cancellation) =>
        Inner.ReadHistoryAsync(key, page, pageSize, cancellation);

    public Task<IReadOnlyList<HistoryEntry>> ReadHistoryAfterAsync(ConversationKey key, long afterSeq, int limit, CancellationToken cancellation) =>
        Inner.ReadHistoryAfterAsync(key, afterSeq, limit, cancellation);
}

/// <summary>The last writer wins: what the store refuses because somebody else was first is written over it.</summary>
internal sealed class OverwritesState(IConversationStore inner) : StoreDecorator(inner)
{
    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(Environment.GetEnvironmentVariable("PARLEY_CHAOS_STORE")!);

    public override async Task<IReadOnlyList<CommitOutcome>> CommitAsync(IReadOnlyList<TurnCommit> turns, CancellationToken cancellation)
    {
        var outcomes = (await base.CommitAsync(turns, cancellation)).ToArray();
        for (var i = 0; i < turns.Count; i++)
        {
            if (outcomes[i] == CommitOutcome.Committed) continue;

            await using var command = _source.CreateCommand(
                "UPDATE conversations SET version = $3, last_seq = $4, state = ($5)::jsonb WHERE tenant = $1 AND conversation_id = $2");
            object[] values =
            [
                turns[i].Key.Tenant, turns[i].Key.ConversationId, turns[i].State.Version, turns[i].State.LastSeq,
                JsonSerializer.Serialize(turns[i].State, StoreJson.Stored.ConversationState),
            ];
            foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
            await command.ExecuteNonQueryAsync(cancellation);
            outcomes[i] = CommitOutcome.Committed;
        }

        return outcomes;
    }
}

/// <summary>A commit of which nothing is known counts as done.</summary>
internal sealed class BelievesUnknown(IConversationStore inner) : StoreDecorator(inner)
{
    public override async Task<IReadOnlyList<CommitOutcome>> CommitAsync(IReadOnlyList<TurnCommit> turns, CancellationToken cancellation)
    {
        try
        {
            return await base.CommitAsync(turns, cancellation);
        }
        catch (StoreUnavailableException)
        {
            return [.. turns.Select(_ => CommitOutcome.Committed)];
        }
    }
}

/// <summary>A cache of states whose key has lost the tenant.</summary>
internal sealed class CachesWithoutTenant(IConversationStore inner) : StoreDecorator(inner)
{
    private readonly ConcurrentDictionary<string, ConversationState> _states = new();

    public override async Task<ConversationState?> LoadAsync(ConversationKey key, CancellationToken cancellation)
    {
        if (_states.TryGetValue(key.ConversationId, out var known)) return known;
        var state = await base.LoadAsync(key, cancellation);
        if (state is not null) _states[key.ConversationId] = state;
        return state;
    }

    public override async Task<IReadOnlyList<CommitOutcome>> CommitAsync(IReadOnlyList<TurnCommit> turns, CancellationToken cancellation)
    {
        var outcomes = await base.CommitAsync(turns, cancellation);
        for (var i = 0; i < turns.Count; i++)
        {
            if (outcomes[i] == CommitOutcome.Committed) _states[turns[i].Key.ConversationId] = turns[i].State;
            else _states.TryRemove(turns[i].Key.ConversationId, out _);
        }

        return outcomes;
    }
}

/// <summary>Looks for a message's id in every tenant.</summary>
internal sealed class SeesEveryTenant(IConversationStore inner, TenantDirectory tenants) : StoreDecorator(inner)
{
    public override async Task<IReadOnlyList<SeenMessage>> FindSeenAsync(IReadOnlyList<MessageIdentity> messages, CancellationToken cancellation)
    {
        var everywhere = messages.SelectMany(m => tenants.All.Select(t => m with { Tenant = t.Id, Account = t.Accounts[0].Id })).ToList();
        var seen = await base.FindSeenAsync(everywhere, cancellation);
        return [.. messages.SelectMany(m => seen.Where(s => s.Identity.MessageId == m.MessageId).Take(1).Select(s => s with { Identity = m }))];
    }
}

/// <summary>The attempt is not written before its bytes: the claim says yes and leaves no trace until the result is known.</summary>
internal sealed class ClaimsInMemory(IConversationStore inner) : StoreDecorator(inner)
{
    private readonly ConcurrentDictionary<string, LedgerEntry> _claims = new();

    public override Task<bool> TryClaimAsync(LedgerEntry expected, LedgerEntry attempt, int epoch, CancellationToken cancellation)
    {
        _claims[attempt.ReplyId] = expected;
        return Task.FromResult(true);
    }

    public override Task<bool> TryUpdateLedgerAsync(LedgerEntry expected, LedgerEntry next, CancellationToken cancellation) =>
        base.TryUpdateLedgerAsync(_claims.TryRemove(next.ReplyId, out var stored) ? stored : expected, next, cancellation);
}

/// <summary>
/// A row of the ledger is written whoever has it by now, so that a dispatcher which was paused can put its reply back after others have gone on. Each
/// claim takes a while longer, so that a pause meets some.
/// </summary>
internal sealed class IgnoresOwners(IConversationStore inner) : StoreDecorator(inner)
{
    private static readonly TimeSpan AWhile = TimeSpan.FromMilliseconds(300);

    public override async Task<bool> TryClaimAsync(LedgerEntry expected, LedgerEntry attempt, int epoch, CancellationToken cancellation)
    {
        var written = await base.TryClaimAsync(expected, attempt, epoch, cancellation);
        if (written) await Task.Delay(AWhile, CancellationToken.None);
        return written;
    }

    public override async Task<bool> TryUpdateLedgerAsync(LedgerEntry expected, LedgerEntry next, CancellationToken cancellation)
    {
        if (await base.TryUpdateLedgerAsync(expected, next, cancellation)) return true;
        if (await FindReplyAsync(expected.Tenant, expected.ReplyId, cancellation) is not { } present) return false;

        return (present.State, present.Attempt) == (expected.State, expected.Attempt) && await base.TryUpdateLedgerAsync(present, next, cancellation);
    }
}
