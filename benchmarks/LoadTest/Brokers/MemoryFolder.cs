namespace Parley.LoadTest.Brokers;

/// <summary>Temporary folders in memory where the system has such a place with room: the disk is not what is measured.</summary>
internal sealed class MemoryFolder : IDisposable
{
    private const string Variable = "TMPDIR";
    private const string Memory = "/dev/shm";
    private const long Enough = 4L << 30;
    private readonly string? _before = Environment.GetEnvironmentVariable(Variable);

    private MemoryFolder()
    {
    }

    public static bool IsThere => Directory.Exists(Memory) && new DriveInfo(Memory).AvailableFreeSpace >= Enough;

    /// <summary>Until it is disposed, temporary folders of this process are made in memory.</summary>
    public static MemoryFolder Use()
    {
        var use = new MemoryFolder();
        if (IsThere) Environment.SetEnvironmentVariable(Variable, Memory);
        return use;
    }

    public void Dispose() => Environment.SetEnvironmentVariable(Variable, _before);
}
