using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Npgsql;
using Parley.Chaos.History;

namespace Parley.Chaos.Workload;

/// <summary>
/// The person who releases parked conversations through the API. No message of the run is bad, but one whose process was killed each time it
/// was under way, at last alone, looks like one: it is parked, and must be answered in its order when it is released.
/// </summary>
internal sealed class Operator(string store, IReadOnlyList<ChaosTenant> tenants, IReadOnlyList<Uri> ingests, Counters counters) : IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);
    private static readonly long Again = TimeSpan.FromSeconds(10).Ticks * 100;

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(6) };
    private readonly Dictionary<(string Tenant, string Conversation), long> _asked = [];
    private readonly HashSet<(string Tenant, string Conversation)> _met = [];
    private int _turn;

    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            await Task.Delay(Every, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var parked in await ParkedAsync(stopping))
            {
                if (_met.Add(parked)) counters.Add(Counters.Parked);
                if (_asked.TryGetValue(parked, out var at) && RunHistory.Now - at < Again) continue;
                _asked[parked] = RunHistory.Now;
                if (await ReleaseAsync(parked.Tenant, parked.Conversation)) counters.Add(Counters.Released);
            }
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<IReadOnlyList<(string Tenant, string Conversation)>> ParkedAsync(CancellationToken stopping)
    {
        var parked = new List<(string, string)>();
        try
        {
            await using var source = NpgsqlDataSource.Create(store);
            await using var command = source.CreateCommand("SELECT DISTINCT tenant, conversation_id FROM parked");
            await using var reader = await command.ExecuteReaderAsync(stopping);
            while (await reader.ReadAsync(stopping)) parked.Add((reader.GetString(0), reader.GetString(1)));
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException)
        {
            // The store has just been killed, or the run is over: looked at again, or not.
        }

        return parked;
    }

    /// <summary>True when the command was accepted.</summary>
    private async Task<bool> ReleaseAsync(string tenant, string conversation)
    {
        var address = ingests[_turn++ % ingests.Count];
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(address, $"api/v2/chat/conversations/{conversation}/redrive"))
        {
            Content = new StringContent("""{"action":"retry","reason":"killed from outside"}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TokenOf(tenant));
        try
        {
            using var response = await _http.SendAsync(request);
            return response.StatusCode == HttpStatusCode.Accepted;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            return false;
        }
    }

    private string TokenOf(string tenant) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
    {
        Claims = new Dictionary<string, object>
        {
            ["sub"] = "operator", ["tenant_id"] = tenant, ["user_role"] = "agent", ["permissions"] = new[] { "conversation:manage", "chat:read" }, ["rate_limit_tier"] = "default",
        },
        Expires = DateTime.UtcNow.AddHours(1),
        SigningCredentials = new SigningCredentials(
            new SymmetricSecurityKey(Encoding.UTF8.GetBytes(tenants.First(t => t.Id == tenant).JwtSecret)), SecurityAlgorithms.HmacSha256),
    });
}
