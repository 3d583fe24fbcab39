using System.CommandLine;
using Parley.Standalone.Serving;

namespace Parley.Standalone.CommandLine;

/// <summary><c>parley serve</c></summary>
internal static class ServeCommand
{
    private static readonly Argument<string[]> Settings = new("setting")
    {
        Description = """
            Any setting, as --Section:Key=value: --Engine:Deadline=00:00:05 for example; in the environment that is Engine__Deadline.
            Where nothing is set, a broker in memory, SQLite in the data folder, a demo engine and a demo tenant stand in; set
            KAFKA_BOOTSTRAP_SERVERS, POSTGRES, REDIS, ENGINE_ADDRESS or TENANTS_FILE in the environment for others.
            """,
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<int> Port = new("--port")
    {
        Description = "Port to listen on; 0 takes any free one",
        HelpName = "port",
        DefaultValueFactory = _ => EnvironmentPort(),
    };

    private static readonly Option<string> Host = new("--host")
    {
        Description = "Address to listen on; 0.0.0.0 for all",
        HelpName = "address",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("DOTNET_RUNNING_IN_CONTAINER") == "true" ? "0.0.0.0" : "127.0.0.1",
    };

    private static readonly Option<bool> Verbose = new("--verbose") { Description = "Log what happens, not only warnings (to the error output)" };

    public static Command Create()
    {
        var command = new Command("serve", "Runs all of Parley in this process; prints 'ready http://…' once messages can be sent. Ctrl-C or SIGTERM stops it")
        {
            Settings, Port, Host, Options.Data, Verbose,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var host = await StandaloneHost.StartAsync(Read(parsed), cancellation);
            await Banner.WriteAsync(Console.Out, host, parsed.GetValue(Options.Data)!);
            return await host.RunAsync(cancellation) ? 0 : 1;
        });
        return command;
    }

    public static ServeOptions Read(ParseResult parsed) => new()
    {
        Port = parsed.GetValue(Port),
        Host = parsed.GetValue(Host)!,
        Data = parsed.GetValue(Options.Data)!,
        Verbose = parsed.GetValue(Verbose),
        Settings = Join(parsed.GetValue(Settings) ?? []),
    };

    // --Section:Key value is the same as --Section:Key=value.
    private static List<string> Join(IReadOnlyList<string> tokens)
    {
        var settings = new List<string>();
        foreach (var token in tokens)
        {
            if (settings.Count > 0 && !settings[^1].Contains('=', StringComparison.Ordinal) && !token.StartsWith("--", StringComparison.Ordinal)) settings[^1] += "=" + token;
            else settings.Add(token);
        }

        return settings;
    }

    private static int EnvironmentPort()
    {
        if (Environment.GetEnvironmentVariable("PARLEY_PORT") is not { Length: > 0 } text) return 8080;
        return int.TryParse(text, out var port) ? port : throw new CommandException($"PARLEY_PORT is '{text}', which is not a port");
    }
}
