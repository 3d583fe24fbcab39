using System.CommandLine;

namespace Parley.Standalone.CommandLine;

/// <summary>Options that several commands share.</summary>
internal static class Options
{
    public static Option<string> Data { get; } = new("--data")
    {
        Description = "The data folder: the database, and the demo tenant with its secrets",
        HelpName = "folder",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("PARLEY_DATA") is { Length: > 0 } folder ? folder : "data",
    };

    public static Option<string> Url { get; } = new("--url")
    {
        Description = "The running instance (PARLEY_URL)",
        HelpName = "address",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("PARLEY_URL") is { Length: > 0 } url ? url : "http://127.0.0.1:8080",
    };

    public static Option<string?> Tenant { get; } = new("--tenant") { Description = "The tenant; default: the one in the data folder", HelpName = "id" };

    public static Option<string?> Token { get; } = new("--token")
    {
        Description = "A token for the API (PARLEY_TOKEN); default: one is made with the secret",
        HelpName = "token",
    };

    public static Option<string?> Secret { get; } = new("--secret")
    {
        Description = "The tenant's key for tokens (PARLEY_JWT_SECRET); default: the one in the data folder",
        HelpName = "text",
    };

    /// <summary>The value of an option, else of an environment variable. Secrets are no default values: the help would show them.</summary>
    public static string? Secretly(this ParseResult parsed, Option<string?> option, string variable) =>
        parsed.GetValue(option) is { Length: > 0 } given ? given : Environment.GetEnvironmentVariable(variable) is { Length: > 0 } set ? set : null;

    public static Option<bool> Json { get; } = new("--json") { Description = "JSON, for scripts" };
}
