using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Parley.TestKit;

/// <summary>
/// The WhatsApp Cloud API on the wire: takes messages, remembers each before it misbehaves, and misbehaves as it is told.
/// </summary>
public sealed class FakeWhatsApp : IAsyncDisposable
{
    /// <summary>A message that was taken: what the user would see.</summary>
    public sealed record Message(string Id, string Account, string Token, JsonElement Body, DateTimeOffset At)
    {
        public string? Text => Body.TryGetProperty("text", out var text) ? text.GetProperty("body").GetString() : null;

        public string? Callback => Body.TryGetProperty("biz_opaque_callback_data", out var data) ? data.GetString() : null;
    }

    private readonly ConcurrentQueue<Message> _taken = new();
    private readonly ConcurrentQueue<Behaviour> _script = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly int _port;
    private WebApplication? _server;
    private int _requests;
    private int _ids;

    private FakeWhatsApp(int port) => _port = port;

    public string Address => $"http://127.0.0.1:{_port}";

    /// <summary>The messages that were taken, oldest first.</summary>
    public IReadOnlyList<Message> Taken => [.. _taken];

    /// <summary>Requests that came in, whatever became of them.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>Tokens that have expired: their requests are refused with code 190.</summary>
    public ConcurrentDictionary<string, bool> DeadTokens { get; } = new();

    /// <summary>What a request is answered when nothing is scripted; given the message that would be taken.</summary>
    public Func<Message, Behaviour> Choose { get; set; } = static _ => Behaviour.Accept;

    /// <summary>Told of each message that is taken, before it is answered; when set, nothing is remembered in <see cref="Taken"/>.</summary>
    public Action<Message>? OnTaken { get; set; }

    public static async Task<FakeWhatsApp> StartAsync()
    {
        var fake = new FakeWhatsApp(FreePort.Take());
        await fake.ListenAsync();
        return fake;
    }

    /// <summary>What the next requests are answered, one after the other; then they are accepted again.</summary>
    public FakeWhatsApp Then(params Behaviour[] behaviours)
    {
        foreach (var behaviour in behaviours) _script.Enqueue(behaviour);
        return this;
    }

    /// <summary>Connections are refused until <see cref="ListenAsync"/>.</summary>
    public async Task StopListeningAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        _server = null;
    }

    public async Task ListenAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(Address);
        _server = builder.Build();
        _server.MapPost("/{version}/{account}/messages", AnswerAsync);
        await _server.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await StopListeningAsync();
        _ending.Dispose();
    }

    private async Task AnswerAsync(HttpContext context, string version, string account)
    {
        Interlocked.Increment(ref _requests);
        var body = await JsonSerializer.DeserializeAsync<JsonElement>(context.Request.Body, cancellationToken: context.RequestAborted);
        var token = context.Request.Headers.Authorization.ToString().Replace("Bearer ", "", StringComparison.Ordinal);
        var id = $"wamid.{Interlocked.Increment(ref _ids)}";
        var message = new Message(id, account, token, body, DateTimeOffset.UtcNow);
        var behaviour = DeadTokens.ContainsKey(token) ? Behaviour.Error(401, 190, "Error validating access token: Session has expired")
            : version != "v25.0" ? Behaviour.Error(404, 100, $"unknown version {version}")
            : _script.TryDequeue(out var next) ? next : Choose(message);
        if (behaviour.After > TimeSpan.Zero) await Task.Delay(behaviour.After, _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (behaviour.Takes)
        {
            if (OnTaken is { } told) told(message);
            else _taken.Enqueue(message);
        }

        await behaviour.Answer(context, id, _ending.Token);
    }

    /// <summary>What a request is answered.</summary>
    /// <param name="Takes">Whether the message counts as taken: the user gets it.</param>
    public sealed record Behaviour(bool Takes, Func<HttpContext, string, CancellationToken, Task> Answer)
    {
        /// <summary>How long the request lies there before anything is done about it, whether or not the caller still waits.</summary>
        public TimeSpan After { get; init; }

        public static Behaviour Accept { get; } = new(true, static (context, id, _) => Write(
            context, 200, "application/json", $$"""{"messaging_product":"whatsapp","messages":[{"id":"{{id}}","message_status":"accepted"}]}"""));

        /// <summary>Takes the message, then the connection breaks.</summary>
        public static Behaviour AcceptThenReset { get; } = new(true, static (context, _, _) =>
        {
            context.Abort();
            return Task.CompletedTask;
        });

        /// <summary>Takes the message, then says nothing.</summary>
        public static Behaviour AcceptThenHang { get; } = new(true, static async (context, _, ending) =>
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, ending);
            await Task.Delay(Timeout.InfiniteTimeSpan, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });

        /// <summary>Takes the message, then answers something else than the API would.</summary>
        public static Behaviour AcceptThenSay(int status, string body, string contentType = "text/html") =>
            new(true, (context, _, _) => Write(context, status, contentType, body));

        /// <summary>Refuses with an error of the API.</summary>
        public static Behaviour Error(int status, int code, string message = "refused", string? retryAfter = null) => new(false, (context, _, _) =>
        {
            if (retryAfter is not null) context.Response.Headers.RetryAfter = retryAfter;
            return Write(context, status, "application/json", $$$"""{"error":{"message":"{{{message}}}","type":"OAuthException","code":{{{code}}},"fbtrace_id":"x"}}""");
        });

        public static Behaviour RedirectTo(string address) => new(false, (context, _, _) =>
        {
            context.Response.Redirect(address, permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        });

        private static Task Write(HttpContext context, int status, string contentType, string body)
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = contentType;
            return context.Response.WriteAsync(body, context.RequestAborted);
        }
    }
}
