namespace Parley.TestKit;

/// <summary>A folder under the artifacts with the npm packages that the examples import; installed once.</summary>
public static class NodePackages
{
    private static readonly SemaphoreSlim Once = new(1);

    /// <summary>Why they cannot be had here; null when they can.</summary>
    public static string? Missing =>
        ChildProcess.Find("node") is null ? "no Node.js: node is missing (Debian: apt-get install nodejs npm)"
        : ChildProcess.Find("npm") is null ? "no npm (Debian: apt-get install npm)"
        : null;

    /// <summary>The folder in which an example that imports these packages can be run.</summary>
    public static async Task<string> FolderAsync(CancellationToken cancellation, params string[] packages)
    {
        var folder = Path.Combine(Repository.Root, "artifacts", "node");
        await Once.WaitAsync(cancellation);
        try
        {
            if (packages.All(p => Directory.Exists(Path.Combine(folder, "node_modules", p.Split('@')[0])))) return folder;
            Directory.CreateDirectory(folder);
            await using var npm = ChildProcess.Start("npm", ["install", "--prefix", folder, "--no-audit", "--no-fund", "--no-save", .. packages]);
            if (await npm.WaitAsync(cancellation) != 0) throw new InvalidOperationException($"npm install {string.Join(' ', packages)}:\n{npm.AllOutput}");
            return folder;
        }
        finally
        {
            Once.Release();
        }
    }
}
