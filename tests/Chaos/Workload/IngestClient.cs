using System.Net;
using Parley.Chaos.History;

namespace Parley.Chaos.Workload;

/// <summary>Posts webhooks to the Ingest processes and says what each answer means to a provider.</summary>
internal sealed class IngestClient(IReadOnlyList<Uri> addresses, RunHistory history) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(2), PooledConnectionIdleTimeout = TimeSpan.FromSeconds(20) })
    {
        Timeout = TimeSpan.FromSeconds(6),
    };

    private int _turn;

    /// <summary>One attempt, at the next process.</summary>
    public async Task<Outcome> PostAsync(string actor, string account, byte[] body, string signature, Intent intent, IReadOnlyList<MessageKey> messages)
    {
        var address = addresses[(Interlocked.Increment(ref _turn) & int.MaxValue) % addresses.Count];
        var began = RunHistory.Now;
        var (outcome, status) = await TryAsync(new Uri(address, $"webhooks/whatsapp/{account}"), body, signature);
        if (messages.Count > 0) history.Add(new Delivery(actor, began, RunHistory.Now, intent, messages, outcome, status));
        return outcome;
    }

    public void Dispose() => _http.Dispose();

    private async Task<(Outcome Outcome, int Status)> TryAsync(Uri address, byte[] body, string signature)
    {
        try
        {
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new("application/json");
            content.Headers.Add("X-Hub-Signature-256", signature);
            using var response = await _http.PostAsync(address, content);
            return response.StatusCode switch
            {
                HttpStatusCode.OK => (Outcome.Ok, 200),
                >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError => (Outcome.Fail, (int)response.StatusCode),
                _ => (Outcome.Info, (int)response.StatusCode),
            };
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            return (Outcome.Info, 0);
        }
    }
}
