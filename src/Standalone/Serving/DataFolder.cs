using System.Globalization;

namespace Parley.Standalone.Serving;

/// <summary>The data folder, held by one process at a time: two on the same database and demo tenant would answer each other's messages.</summary>
internal sealed class DataFolder : IDisposable
{
    private const string LockName = "parley.lock";
    private const string ProcessName = "parley.pid";
    private readonly FileStream _lock;

    private DataFolder(string path, FileStream held) => (Path, _lock) = (path, held);

    public string Path { get; }

    public string Database => System.IO.Path.Combine(Path, "parley.db");

    public string DemoTenant => DemoTenantIn(Path);

    public static string DemoTenantIn(string folder) => System.IO.Path.Combine(folder, "demo.json");

    /// <summary>Makes the folder when it is missing and takes hold of it.</summary>
    /// <exception cref="CannotStartException">It cannot be written, or another process holds it.</exception>
    public static DataFolder Open(string folder)
    {
        var path = System.IO.Path.GetFullPath(folder);
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CannotStartException($"the data folder {path} cannot be made (--data): {e.Message}", e);
        }

        return new DataFolder(path, Hold(path));
    }

    /// <summary>The lock goes with the process, however that ends; the file stays.</summary>
    public void Dispose() => _lock.Dispose();

    private static FileStream Hold(string path)
    {
        FileStream? held = null;
        try
        {
            held = new FileStream(System.IO.Path.Combine(path, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

            // Beside the lock: what is locked cannot be read.
            File.WriteAllText(System.IO.Path.Combine(path, ProcessName), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return held;
        }
        catch (IOException e) when (held is null && IsTaken(e))
        {
            throw new CannotStartException($"the data folder {path} is in use by another parley{Holder(path)}; stop that one, or give this one a folder of its own (--data)", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            held?.Dispose();
            throw new CannotStartException($"the data folder {path} cannot be written (--data): {e.Message}", e);
        }
    }

    // EWOULDBLOCK on Linux and macOS, a sharing violation on Windows.
    private static bool IsTaken(IOException e) => e.HResult is 11 or 35 or unchecked((int)0x80070020);

    private static string Holder(string path)
    {
        try
        {
            return $" (process {File.ReadAllText(System.IO.Path.Combine(path, ProcessName))})";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // It is about to write it, or another user's.
        }
    }
}
