using System.CommandLine;
using System.CommandLine.Help;
using Confluent.Kafka;
using Parley.Standalone.Serving;

namespace Parley.Standalone.CommandLine;

/// <summary>The program's command line: what there is, and how it ends.</summary>
/// <remarks>Exit codes: 0 done; 1 refused, or wrongly called; 2 the instance or the broker cannot be reached.</remarks>
internal static class ParleyCommand
{
    private const string About = """
        Parley carries conversations between messaging channels and a bot engine.

        Start it with 'parley serve', then talk to it from another shell: 'parley send web --text hello'.
        'parley COMMAND --help' tells more. Exit codes: 0 done; 1 refused or wrongly called; 2 the instance cannot be reached.
        """;

    public static async Task<int> RunAsync(string[] args)
    {
        var parsed = Build().Parse(args.Length == 0 ? ["--help"] : args);
        if (ProblemOf(parsed) is { } problem) return Fail(problem, 1);

        try
        {
            // The commands listen to signals themselves; the default would cut a stop short after two seconds.
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (CommandException e)
        {
            return Fail(e.Message, e.ExitCode);
        }
        catch (CannotStartException e)
        {
            return Fail(e.Message, 1);
        }
        catch (KafkaException e)
        {
            return Fail($"the broker does not answer: {e.Error.Reason}", 2);
        }
    }

    // Not a RootCommand: that is called as the assembly is.
    public static Command Build() => new("parley", About)
    {
        new HelpOption(),
        new VersionOption(),
        ServeCommand.Create(),
        TokenCommand.Create(),
        SendCommand.Create(),
        HistoryCommand.Create(),
        RedriveCommand.Create(),
        FollowCommand.Create("inbound", "messages and receipts on their way in"),
        FollowCommand.Create("outbound", "replies on their way out"),
        FollowCommand.Create("events", "facts for other systems"),
        FollowCommand.Create("dead", "dead letters"),
        HealthCommand.Create(),
    };

    /// <summary>What is wrong with a call, in one line; null when it is fine.</summary>
    internal static string? ProblemOf(ParseResult parsed) => parsed.Errors.Count == 0
        ? null
        : string.Join(' ', parsed.Errors[0].Message.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries));

    private static int Fail(string message, int exitCode)
    {
        Console.Error.WriteLine($"parley: {message}");
        return exitCode;
    }
}

/// <summary>A command ends here, with a line for the person and a code for the script.</summary>
internal sealed class CommandException(string message, int exitCode = 1, Exception? inner = null) : Exception(message, inner)
{
    public int ExitCode => exitCode;
}
