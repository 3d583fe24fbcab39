using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Parley.Common.Tenants;

namespace Parley.Standalone.Simulator;

/// <summary>Posts signed webhooks to Ingest, as Meta does: by HTTP, through the same door as everybody's.</summary>
internal sealed class WebhookSender(SimulatedAccounts accounts, SimulatorAddress address) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = 32 }) { Timeout = TimeSpan.FromSeconds(10) };

    /// <summary>The HTTP status of the answer.</summary>
    public async Task<int> PostAsync(string account, byte[] body, CancellationToken cancellation)
    {
        var found = accounts.Find(account) ?? throw new InvalidOperationException($"The simulator does not serve the account {account}.");
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        content.Headers.Add("X-Hub-Signature-256", Sign(body, found));
        using var response = await _http.PostAsync(new Uri(address.Url, $"/webhooks/whatsapp/{Uri.EscapeDataString(account)}"), content, cancellation);
        return (int)response.StatusCode;
    }

    public void Dispose() => _http.Dispose();

    private static string Sign(byte[] body, ChannelAccount account)
    {
        var secret = account.WebhookSecrets.FirstOrDefault() ?? "";
        return "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body));
    }
}

/// <summary>Where this instance listens, known once it does.</summary>
internal sealed class SimulatorAddress
{
    public Uri Url { get; set; } = new("http://127.0.0.1");
}
