using System.Text.Json;
using Parley.Common.Conversations;
using Parley.Common.Records;

namespace Parley.Common.Stores.Sql;

internal sealed class ConversationReads(SqlRunner runner)
{
    /// <summary>The states of many conversations, in their order.</summary>
    public Task<IReadOnlyList<ConversationState?>> LoadAsync(IReadOnlyList<ConversationKey> keys) => runner.ReadAsync<IReadOnlyList<ConversationState?>>(
        async session =>
        {
            var states = new ConversationState?[keys.Count];
            var step = new Step(
                ReadStatements.LoadConversations,
                [.. keys.Select((k, i) => new object?[] { (long)i, k.Tenant, k.ConversationId })],
                row => states[row.Long(0)] = JsonSerializer.Deserialize(row.Json(3), StoreJson.Stored.ConversationState)! with
                {
                    Version = row.Long(1),
                    LastSeq = row.Long(2),
                });
            await session.RunAsync([step], CancellationToken.None);
            return states;
        },
        CancellationToken.None);

    /// <summary>For each message: the turn that committed it, or null.</summary>
    public Task<IReadOnlyList<SeenMessage?>> FindSeenAsync(IReadOnlyList<MessageIdentity> messages) => runner.ReadAsync<IReadOnlyList<SeenMessage?>>(
        async session =>
        {
            var seen = new SeenMessage?[messages.Count];
            var replies = new List<Step>();
            var step = new Step(
                ReadStatements.FindSeen,
                [.. messages.Select((m, i) => new object?[] { (long)i, m.Tenant, m.Channel, m.Account, m.MessageId })],
                row =>
                {
                    var found = seen[row.Long(0)] = ToSeen(messages[(int)row.Long(0)], row);
                    replies.Add(new Step(
                        ReadStatements.RepliesOfTurn,
                        [[found.Key.Tenant, found.Key.ConversationId, row.Long(4), row.Long(5)]],
                        reply => ((List<StoredReply>)found.Replies).Add(ToReply(reply))));
                });
            await session.RunAsync([step], CancellationToken.None);

            // Nearly always none.
            await session.RunAsync(replies, CancellationToken.None);
            return seen;
        },
        CancellationToken.None);

    public Task<HistoryPage> ReadPageAsync(ConversationKey key, int page, int pageSize, CancellationToken cancellation) => runner.ReadAsync(
        async session =>
        {
            var after = (page - 1L) * pageSize;
            var entries = new List<HistoryEntry>();
            var total = 0L;

            // The total is read last, so that it is never less than what the page shows.
            await session.RunAsync(
                [
                    History(key, after, after + pageSize, pageSize, entries),
                    new Step(ReadStatements.CountHistory, [[key.Tenant, key.ConversationId]], row => total = row.Long(0)),
                ],
                cancellation);
            return new HistoryPage(entries, total);
        },
        cancellation);

    public Task<IReadOnlyList<HistoryEntry>> ReadAfterAsync(ConversationKey key, long afterSeq, int limit, CancellationToken cancellation) =>
        runner.ReadAsync<IReadOnlyList<HistoryEntry>>(
            async session =>
            {
                var entries = new List<HistoryEntry>();
                await session.RunAsync([History(key, afterSeq, long.MaxValue, limit, entries)], cancellation);
                return entries;
            },
            cancellation);

    public Task<ParkedPage> ReadParkedAsync(ConversationKey key, int limit, CancellationToken cancellation) => runner.ReadAsync(
        async session =>
        {
            var oldest = new List<ParkedMessage>();
            var total = 0L;
            await session.RunAsync(
                [
                    new Step(ParkedStatements.Oldest, [[key.Tenant, key.ConversationId, (long)limit]], row => oldest.Add(ToParked(row))),
                    new Step(ParkedStatements.Count, [[key.Tenant, key.ConversationId]], row => total = row.Long(0)),
                ],
                cancellation);
            return new ParkedPage(oldest, total);
        },
        cancellation);

    public Task<IReadOnlyList<Reply>> FindPendingAsync(ConversationKey key, CancellationToken cancellation) => runner.ReadAsync<IReadOnlyList<Reply>>(
        async session =>
        {
            var replies = new List<Reply>();
            await session.RunAsync([new Step(ReadStatements.FindPendingReplies, [[key.Tenant, key.ConversationId]], row => replies.Add(ReplyRow.ToReply(row.Json(0))))], cancellation);
            return replies;
        },
        cancellation);

    private static ParkedMessage ToParked(SqlRow row) => new(
        JsonSerializer.Deserialize(row.Json(2), StoreJson.Stored.InboundMessage)!, row.Long(0), row.Text(1), (int)row.Long(3), row.Long(4), row.Text(5),
        (int)row.Long(6), row.TimeOrNull(7)!.Value, row.TextOrNull(8));

    private static Step History(ConversationKey key, long after, long upTo, int limit, List<HistoryEntry> entries) => new(
        ReadStatements.ReadHistory,
        [[key.Tenant, key.ConversationId, after, upTo, (long)limit]],
        row => entries.Add(row.Text(1) == "in"
            ? new HistoryEntry(row.Long(0), JsonSerializer.Deserialize(row.Json(2), StoreJson.Stored.InboundMessage), null, DeliveryStatus.Pending, null)
            : new HistoryEntry(row.Long(0), null, ReplyRow.ToReply(row.Json(2)), StateNames.ToDelivery(row.Text(3)), row.TextOrNull(4))));

    private static SeenMessage ToSeen(MessageIdentity message, SqlRow row) => new(
        message,
        new ConversationKey(message.Tenant, row.Text(1)),
        row.Text(2),
        JsonSerializer.Deserialize(row.Json(3), StoreJson.Stored.TurnFacts)!,
        new List<StoredReply>());

    private static StoredReply ToReply(SqlRow row) =>
        new(ReplyRow.ToReply(row.Json(0)), StateNames.ToLedger(row.Text(1)), StateNames.ToDelivery(row.Text(2)));
}
