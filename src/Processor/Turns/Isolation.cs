namespace Parley.Processor.Turns;

/// <summary>The one place of this process for turns that a process has died in: of two side by side, a death would blame the innocent one.</summary>
internal sealed class Isolation
{
    private int _taken;

    public bool TryEnter() => Interlocked.CompareExchange(ref _taken, 1, 0) == 0;

    public void Leave() => Volatile.Write(ref _taken, 0);
}
