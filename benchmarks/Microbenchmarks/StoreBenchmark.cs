using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Common.Stores;
using Parley.Common.Stores.Sql;

namespace Parley.Microbenchmarks;

/// <summary>What a turn costs in the store (SQLite): alone in its transaction, and in a group.</summary>
[MemoryDiagnoser]
public class StoreBenchmark : IDisposable
{
    private const int GroupTurns = 64;
    private string _folder = "";
    private SqlStore? _store;
    private int _number;

    [GlobalSetup]
    public void Setup()
    {
        _folder = Directory.CreateTempSubdirectory("parley-microbenchmark-").FullName;
        _store = StoreExtensions.Open(new StoreOptions { ConnectionString = Path.Combine(_folder, "parley.db") }, TimeProvider.System, NullLoggerFactory.Instance);
        _store.InitialiseAsync(CancellationToken.None).GetAwaiter().GetResult();
    }

    /// <summary>With the making of the turn itself, which is the same in both.</summary>
    [Benchmark]
    public Task<IReadOnlyList<CommitOutcome>> CommitAloneAsync() => _store!.CommitAsync([Samples.Commit(Samples.Message(_number++))], CancellationToken.None);

    [Benchmark(OperationsPerInvoke = GroupTurns)]
    public Task<IReadOnlyList<CommitOutcome>> CommitGroupedAsync()
    {
        var turns = new TurnCommit[GroupTurns];
        for (var i = 0; i < turns.Length; i++) turns[i] = Samples.Commit(Samples.Message(_number++));
        return _store!.CommitAsync(turns, CancellationToken.None);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        (_store as IDisposable)?.Dispose();
        if (_folder.Length > 0) Directory.Delete(_folder, recursive: true);
        _folder = "";
        GC.SuppressFinalize(this);
    }
}
