using Parley.Common.Conversations;

namespace Parley.Common.Stores.Sql;

/// <summary>The attempts at turns that are not committed.</summary>
internal sealed class AttemptRows(SqlRunner runner, TimeProvider time)
{
    /// <summary>Writes many; the results say nothing.</summary>
    public Task<IReadOnlyList<bool>> WriteAsync(IReadOnlyList<TurnAttempt> attempts)
    {
        var now = time.GetUtcNow();
        var waves = Waves.Split(attempts, static a => Enumerable.Repeat((a.Key, a.Head, a.AttemptId), 1));
        return runner.WriteAsync<IReadOnlyList<bool>>(
            async transaction =>
            {
                foreach (var wave in waves)
                {
                    // In one order, so that two writers never wait for each other in a circle.
                    var inOrder = wave.Select(i => attempts[i])
                        .OrderBy(a => a.Key.Tenant, StringComparer.Ordinal).ThenBy(a => a.Key.ConversationId, StringComparer.Ordinal)
                        .ThenBy(a => a.Head, StringComparer.Ordinal).ThenBy(a => a.AttemptId, StringComparer.Ordinal).ToList();
                    await transaction.RunAsync(
                        [
                            new Step(AttemptStatements.Write, [.. inOrder.Where(a => a.State != AttemptState.Withdrawn).Select(a => Row(a, now))]),
                            new Step(AttemptStatements.Forget, [.. inOrder.Where(a => a.State == AttemptState.Withdrawn).Select(Id)]),
                        ],
                        CancellationToken.None);
                }

                return new bool[attempts.Count];
            },
            CancellationToken.None);
    }

    /// <summary>The counts of many conversations, in their order.</summary>
    public Task<IReadOnlyList<IReadOnlyList<AttemptCount>>> CountAsync(IReadOnlyList<ConversationKey> keys) =>
        runner.ReadAsync<IReadOnlyList<IReadOnlyList<AttemptCount>>>(
            async session =>
            {
                var counts = keys.Select(_ => new List<AttemptCount>()).ToArray();
                var step = new Step(
                    AttemptStatements.Count,
                    [.. keys.Select((k, i) => new object?[] { (long)i, k.Tenant, k.ConversationId })],
                    row => counts[row.Long(0)].Add(new AttemptCount(row.Text(1), (int)row.Long(2), (int)row.Long(3))));
                await session.RunAsync([step], CancellationToken.None);
                return counts;
            },
            CancellationToken.None);

    private static object?[] Id(TurnAttempt attempt) => [attempt.Key.ConversationId, attempt.Key.Tenant, attempt.Head, attempt.AttemptId];

    private static object?[] Row(TurnAttempt attempt, DateTimeOffset now) => [.. Id(attempt), StateNames.Of(attempt.State), now];
}
