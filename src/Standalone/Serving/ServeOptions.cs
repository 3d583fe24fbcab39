namespace Parley.Standalone.Serving;

/// <summary>What is decided before any setting is read.</summary>
public sealed record ServeOptions
{
    /// <summary>0 for any free one.</summary>
    public int Port { get; init; } = 8080;

    /// <summary>The address to listen on; the simulator answers callers on this machine only, whatever stands here.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>Folder of the database and of the demo tenant; made when it is missing.</summary>
    public string Data { get; init; } = "data";

    /// <summary>Informational logging too, not only warnings.</summary>
    public bool Verbose { get; init; }

    /// <summary>Further settings as <c>--Section:Key=value</c>; they win over files and the environment.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];
}

/// <summary>It cannot start; the message is for the person who tried, and names the option or setting.</summary>
public sealed class CannotStartException(string message, Exception? inner = null) : Exception(message, inner);
