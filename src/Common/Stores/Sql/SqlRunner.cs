namespace Parley.Common.Stores.Sql;

/// <summary>Runs work on a database and turns its errors into what the store's contract names.</summary>
internal sealed class SqlRunner(ISqlDatabase database, TimeProvider time)
{
    private const int Tries = 6;

    public Task<T> ReadAsync<T>(Func<ISqlSession, Task<T>> work, CancellationToken cancellation) => RepeatAsync(
        async () =>
        {
            await using var session = await database.OpenReadAsync(cancellation);
            return await work(session);
        },
        cancellation);

    /// <summary>Work that changes nothing if it fails.</summary>
    public async Task<T> RepeatAsync<T>(Func<Task<T>> work, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await work();
            }
            catch (Exception e) when (database.FaultOf(e) is { } fault && fault is Fault.Retry or Fault.Unavailable)
            {
                if (fault == Fault.Unavailable || attempt == Tries) throw Unavailable(e);
            }

            await PauseAsync(attempt, cancellation);
        }
    }

    /// <summary>One transaction. The work may run several times; only the last one counts.</summary>
    /// <param name="keep">Whether to commit, by the work's result (default: always).</param>
    public async Task<T> WriteAsync<T>(Func<ISqlTransaction, Task<T>> work, CancellationToken cancellation, Func<T, bool>? keep = null)
    {
        for (var attempt = 1; ; attempt++)
        {
            var committing = false;
            try
            {
                await using var transaction = await database.BeginAsync(cancellation);
                var result = await work(transaction);
                if (keep is not null && !keep(result)) return result;

                cancellation.ThrowIfCancellationRequested();
                committing = true;
                await transaction.CommitAsync();
                return result;
            }
            catch (Exception e) when (database.FaultOf(e) is { } fault && fault is Fault.Retry or Fault.Unavailable)
            {
                // Once COMMIT was sent, only the database knows. Guessing "no" commits a turn twice, guessing "yes" loses it.
                if (fault == Fault.Unavailable && committing) throw OutcomeUnknown(e);
                if (fault == Fault.Unavailable || attempt == Tries) throw Unavailable(e);
            }

            await PauseAsync(attempt, cancellation);
        }
    }

    /// <summary>One statement that is a transaction of its own, in one round trip where the database can; the rows of its result.</summary>
    public async Task<List<T>> WriteAtOnceAsync<T>(Statement statement, IReadOnlyList<object?[]> rows, Func<SqlRow, T> read)
    {
        for (var attempt = 1; ; attempt++)
        {
            var result = new List<T>();
            try
            {
                await database.RunAtOnceAsync(new Step(statement, rows, row => result.Add(read(row))));
                return result;
            }
            catch (Exception e) when (database.FaultOf(e) is { } fault && fault is Fault.Retry or Fault.Unavailable)
            {
                if (fault == Fault.Unavailable) throw OutcomeUnknown(e);
                if (attempt == Tries) throw Unavailable(e);
            }

            await PauseAsync(attempt, CancellationToken.None);
        }
    }

    // Whoever was rolled back lets the other one finish first.
    private Task PauseAsync(int attempt, CancellationToken cancellation) => Task.Delay(TimeSpan.FromMilliseconds(2 << attempt), time, cancellation);

    private StoreUnavailableException Unavailable(Exception e) => new($"{database.Name} cannot be used now: {e.Message}", e);

    private StoreUnavailableException OutcomeUnknown(Exception e) =>
        new($"{database.Name}: outcome unknown, the connection failed during COMMIT: {e.Message}", e) { OutcomeUnknown = true };
}
