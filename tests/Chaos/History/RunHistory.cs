using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Parley.Chaos.History;

/// <summary>What happened in a run: kept for the checker, and written as JSON lines, one append-only file per actor.</summary>
internal sealed class RunHistory : IAsyncDisposable
{
    private static readonly long Start = Stopwatch.GetTimestamp();
    private readonly ConcurrentQueue<HistoryEvent> _events = new();
    private readonly Dictionary<string, StreamWriter> _files = new(StringComparer.Ordinal); // guarded by itself
    private readonly string? _folder;

    /// <param name="folder">Null keeps the history in memory only.</param>
    public RunHistory(string? folder)
    {
        _folder = folder;
        if (folder is not null) Directory.CreateDirectory(folder);
    }

    /// <summary>Monotonic nanoseconds since the program began.</summary>
    public static long Now => (long)(Stopwatch.GetElapsedTime(Start).TotalMilliseconds * 1_000_000);

    public IReadOnlyCollection<HistoryEvent> Events => _events;

    public void Add(HistoryEvent happened)
    {
        _events.Enqueue(happened);
        if (_folder is null) return;

        var line = JsonSerializer.Serialize(happened, HistoryJson.Default.HistoryEvent);
        lock (_files)
        {
            if (!_files.TryGetValue(happened.Actor, out var file))
            {
                _files.Add(happened.Actor, file = new StreamWriter(Path.Combine(_folder, $"{happened.Actor}.jsonl"), append: true));
            }

            file.WriteLine(line);
        }
    }

    public ValueTask DisposeAsync()
    {
        lock (_files)
        {
            foreach (var file in _files.Values) file.Dispose();
            _files.Clear();
        }

        return ValueTask.CompletedTask;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HistoryEvent))]
internal sealed partial class HistoryJson : JsonSerializerContext;
