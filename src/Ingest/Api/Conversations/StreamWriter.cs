using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Parley.Ingest.Api.Conversations;

/// <summary>Writes server-sent events; a reader that does not take one write within the time allowed is cut off.</summary>
internal sealed class StreamWriter(HttpContext http, TimeSpan timeout, TimeProvider time)
{
    /// <summary>When something was last written.</summary>
    public long LastWrite { get; private set; } = time.GetTimestamp();

    public Task CommentAsync(string text, CancellationToken cancellation) => WriteAsync($": {text}\n\n", cancellation);

    /// <param name="id">What the browser sends back as Last-Event-ID; null leaves the last one standing.</param>
    /// <param name="json">On one line.</param>
    public Task EventAsync(string name, long? id, string json, CancellationToken cancellation) => WriteAsync(
        (id is { } seq ? string.Create(CultureInfo.InvariantCulture, $"id: {seq}\n") : "") + $"event: {name}\ndata: {json}\n\n", cancellation);

    private async Task WriteAsync(string text, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        http.Response.BodyWriter.Write(Encoding.UTF8.GetBytes(text));
        try
        {
            await http.Response.BodyWriter.FlushAsync(either.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            // Whatever is still unsent stays so: the reader asks again with the last id it saw.
            http.Abort();
            throw;
        }

        LastWrite = time.GetTimestamp();
    }
}
