namespace Parley.LoadTest.Arms;

/// <summary>The processes of one arm; all end together.</summary>
internal sealed class ArmSet(Func<ArmProcess> start) : IAsyncDisposable
{
    private readonly List<ArmProcess> _all = [];

    public IReadOnlyList<ArmProcess> All => _all;

    /// <summary>One more that shares the work.</summary>
    public ArmProcess Start()
    {
        var arm = start();
        _all.Add(arm);
        return arm;
    }

    /// <summary>Stops the newest in good order.</summary>
    public async Task StopLastAsync(TimeSpan patience)
    {
        var last = _all[^1];
        _all.Remove(last);
        await last.StopAsync(patience);
        await last.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var arm in _all) await arm.DisposeAsync();
        _all.Clear();
    }
}
