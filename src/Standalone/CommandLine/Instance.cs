using System.CommandLine;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Parley.Standalone.CommandLine;

/// <summary>A running Parley, by HTTP.</summary>
internal sealed class Instance : IDisposable
{
    private readonly HttpClient _http;

    private Instance(Uri url)
    {
        Url = url;
        _http = new HttpClient(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5) }) { BaseAddress = url, Timeout = TimeSpan.FromSeconds(40) };
    }

    public Uri Url { get; }

    public static Instance Of(ParseResult parsed)
    {
        var text = parsed.GetValue(Options.Url)!;
        return Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? new Instance(url)
            : throw new CommandException($"--url '{text}' is not an http address");
    }

    public Task<InstanceAnswer> GetAsync(string path, string? bearer, CancellationToken cancellation) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, path), bearer, cancellation);

    public Task<InstanceAnswer> PostAsync(string path, byte[] json, string? bearer, CancellationToken cancellation, params ReadOnlySpan<(string Name, string Value)> headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(json) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return SendAsync(request, bearer, cancellation);
    }

    public void Dispose() => _http.Dispose();

    private async Task<InstanceAnswer> SendAsync(HttpRequestMessage request, string? bearer, CancellationToken cancellation)
    {
        using (request)
        {
            if (bearer is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
            try
            {
                using var response = await _http.SendAsync(request, cancellation);
                return new InstanceAnswer((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellation));
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellation.IsCancellationRequested)
            {
                throw new CommandException($"no Parley answers at {Url} (--url, PARLEY_URL); is it running? {e.Message}", 2, e);
            }
        }
    }
}

/// <summary>An answer, whatever its status.</summary>
internal sealed record InstanceAnswer(int Status, byte[] Body)
{
    public bool IsSuccess => Status is >= 200 and < 300;

    public string Text => System.Text.Encoding.UTF8.GetString(Body);

    /// <summary>The body as JSON; an undefined element when it is none.</summary>
    public JsonElement Json()
    {
        try
        {
            using var document = JsonDocument.Parse(Body);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return default;
        }
    }

    /// <summary>What the API says is wrong, in one line.</summary>
    public string Problem()
    {
        var json = Json();
        if (json.ValueKind != JsonValueKind.Object) return $"HTTP {Status}";
        if (json.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object && error.TryGetProperty("message", out var message)) return $"HTTP {Status}: {message}";
        if (!json.TryGetProperty("detail", out var detail)) return $"HTTP {Status}";
        return detail.ValueKind == JsonValueKind.Array
            ? $"HTTP {Status}: {string.Join("; ", detail.EnumerateArray().Select(Field))}"
            : $"HTTP {Status}: {detail}";
    }

    private static string Field(JsonElement problem) =>
        $"{(problem.TryGetProperty("loc", out var place) ? string.Join('.', place.EnumerateArray().Select(p => p.ToString())) : "?")}: {(problem.TryGetProperty("msg", out var text) ? text.ToString() : "?")}";
}
