using System.Globalization;

namespace Parley.Standalone.Serving;

/// <summary>The data folder, held by one process at a time: two on the same database and demo tenant would answer each other's messages.</summary>
internal sealed class DataFolder : IDisposable
{
    private const string LockName = "parley.lock";
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
        var file = System.IO.Path.Combine(path, LockName);
        try
        {
            var held = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            held.SetLength(0);
            held.Write(System.Text.Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
            held.Flush();
            return held;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new CannotStartException($"the data folder {path} cannot be written (--data): {e.Message}", e);
        }
        catch (IOException e)
        {
            throw new CannotStartException($"the data folder {path} is in use by another parley{Holder(file)}; stop that one, or give this one a folder of its own (--data)", e);
        }
    }

    // Readable although it is locked: the lock is advisory. Where it is not, nobody is named.
    private static string Holder(string file)
    {
        try
        {
            using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            return reader.ReadToEnd() is { Length: > 0 } process ? $" (process {process})" : "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
