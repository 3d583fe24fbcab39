namespace Parley.Integration.Ingest;

/// <summary>Reads server-sent events as a browser does.</summary>
internal sealed class EventReader(HttpResponseMessage response, Stream stream) : IAsyncDisposable
{
    private readonly StreamReader _reader = new(stream);

    /// <summary>The next event; comments are passed over.</summary>
    public async Task<(string Name, string? Id, string Data)> NextAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var block = await BlockAsync(cancellation) ?? throw new EndOfStreamException("the stream has ended");
            if (block.TrueForAll(l => l.StartsWith(':'))) continue;
            return (Field(block, "event")!, Field(block, "id"), Field(block, "data")!);
        }
    }

    /// <summary>The next comment, with its colon.</summary>
    public async Task<string> NextCommentAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var block = await BlockAsync(cancellation) ?? throw new EndOfStreamException("the stream has ended");
            if (block is [[':', ..] comment]) return comment;
        }
    }

    /// <summary>Null when the stream comes to its proper end without another event.</summary>
    public async Task<string?> EndAsync(CancellationToken cancellation)
    {
        while (await BlockAsync(cancellation) is { } block)
        {
            if (!block[0].StartsWith(':')) return string.Join('\n', block);
        }

        return null;
    }

    public ValueTask DisposeAsync()
    {
        _reader.Dispose();
        response.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<List<string>?> BlockAsync(CancellationToken cancellation)
    {
        List<string> lines = [];
        while (true)
        {
            var line = await _reader.ReadLineAsync(cancellation).AsTask().WaitAsync(TimeSpan.FromSeconds(10), cancellation);
            if (line is null) return null;
            if (line.Length == 0 && lines.Count > 0) return lines;
            if (line.Length > 0) lines.Add(line);
        }
    }

    private static string? Field(List<string> block, string name) => block.Find(l => l.StartsWith(name + ": ", StringComparison.Ordinal))?[(name.Length + 2)..];
}
