namespace Parley.LoadTest.Arms;

/// <summary>The processes of one arm; all end together.</summary>
internal sealed class ArmSet : IAsyncDisposable
{
    private readonly List<ArmProcess> _all = [];

    public IReadOnlyList<ArmProcess> All => _all;

    public void Add(ArmProcess arm) => _all.Add(arm);

    public async ValueTask DisposeAsync()
    {
        foreach (var arm in _all) await arm.DisposeAsync();
        _all.Clear();
    }
}
