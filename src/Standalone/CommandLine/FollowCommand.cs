using System.CommandLine;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Standalone.Broker;
using Parley.Standalone.Serving;

namespace Parley.Standalone.CommandLine;

/// <summary><c>parley inbound</c>, <c>outbound</c>, <c>events</c>, <c>dead</c>: a topic as JSON lines.</summary>
internal static class FollowCommand
{
    private static readonly Option<string?> Bootstrap = new("--bootstrap")
    {
        Description = "The brokers (KAFKA_BOOTSTRAP_SERVERS); default: those that the instance at --url uses",
        HelpName = "host:port",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("KAFKA_BOOTSTRAP_SERVERS"),
    };

    private static readonly Option<bool> FromBeginning = new("--from-beginning") { Description = "Start with the oldest record that is kept, not with the next one" };
    private static readonly Option<long> Count = new("--count") { Description = "End after so many records", HelpName = "n", DefaultValueFactory = _ => long.MaxValue };

    // For people to read: letters of all languages as they are.
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create(string name, string what)
    {
        var command = new Command(name, $"Follows parley.{name}: {what}, each a line of JSON. Ctrl-C ends it")
        {
            Bootstrap, FromBeginning, Count, Options.Url,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            if (parsed.GetValue(Count) < 1) throw new CommandException("--count must be at least 1");
            var bootstrap = parsed.GetValue(Bootstrap) is { Length: > 0 } given ? given : await AskAsync(parsed, cancellation);
            Follow(bootstrap, $"parley.{name}", parsed.GetValue(FromBeginning), parsed.GetValue(Count), cancellation);
            return 0;
        });
        return command;
    }

    /// <summary>A record as a line of JSON. Data that is not JSON stands there as text.</summary>
    internal static string Line(TailRecord record)
    {
        var headers = new JsonObject();
        foreach (var (name, value) in record.Record.Headers) headers[name] = Encoding.UTF8.GetString(value);
        return new JsonObject
        {
            ["topic"] = record.Topic,
            ["partition"] = record.Partition,
            ["offset"] = record.Offset,
            ["key"] = record.Record.Key,
            ["type"] = record.Record.Header("ce_type"),
            ["headers"] = headers,
            ["data"] = Data(record.Record.Value),
        }.ToJsonString(Readable);
    }

    private static void Follow(string bootstrap, string topic, bool fromBeginning, long count, CancellationToken cancellation)
    {
        using var tail = new TopicTail(bootstrap, [topic], fromBeginning);
        while (count > 0 && !cancellation.IsCancellationRequested)
        {
            if (tail.Next(TimeSpan.FromMilliseconds(200)) is not { } record) continue;
            try
            {
                Console.Out.WriteLine(Line(record));
            }
            catch (IOException)
            {
                return; // Whoever read our output has gone: parley inbound | head.
            }

            count--;
        }
    }

    private static async Task<string> AskAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var instance = Instance.Of(parsed);
        var answer = await instance.GetAsync(LocalEndpoint.Path, null, cancellation);
        if (!answer.IsSuccess) throw new CommandException($"the instance at {instance.Url} does not say which brokers it uses (HTTP {answer.Status}); name them by --bootstrap", 2);
        return JsonSerializer.Deserialize(answer.Body, LocalJson.Default.LocalAnswer)!.KafkaBootstrapServers;
    }

    private static JsonNode? Data(byte[]? value)
    {
        if (value is null) return null;
        try
        {
            return JsonNode.Parse(value);
        }
        catch (JsonException)
        {
            return JsonValue.Create(Encoding.UTF8.GetString(value));
        }
    }
}
