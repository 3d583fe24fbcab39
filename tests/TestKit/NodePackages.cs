using Xunit;

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
            await using var npm = ChildProcess.Start(
                "npm", ["install", "--prefix", folder, "--no-audit", "--no-fund", "--no-save", "--fetch-retries", "1", .. packages], Environment());
            if (await npm.WaitAsync(cancellation) != 0) Assert.Skip($"npm cannot install {string.Join(' ', packages)} here: {npm.Errors.Split('\n')[0]}");
            return folder;
        }
        finally
        {
            Once.Release();
        }
    }

    /// <summary>Node has its own list of authorities; behind a company's proxy the system's list is the one that holds.</summary>
    private static Dictionary<string, string?> Environment()
    {
        const string variable = "NODE_EXTRA_CA_CERTS", systemList = "/etc/ssl/certs/ca-certificates.crt";
        return System.Environment.GetEnvironmentVariable(variable) is null && File.Exists(systemList) ? new() { [variable] = systemList } : [];
    }
}
