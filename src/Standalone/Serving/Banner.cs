using System.Globalization;
using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Tenants;
using Parley.Standalone.CommandLine;
using Parley.Standalone.Simulator;

namespace Parley.Standalone.Serving;

/// <summary>What a person sees once messages can be sent: where things are, and lines to paste into another shell. Ends with <c>ready URL</c>, for scripts.</summary>
internal static class Banner
{
    private static readonly TimeSpan TokenLife = TimeSpan.FromHours(12);

    public static async Task WriteAsync(TextWriter output, StandaloneHost host, string dataFolder)
    {
        await output.WriteLineAsync(string.Join('\n', Lines(host, dataFolder)));
        await output.WriteLineAsync($"ready {host.Url.AbsoluteUri.TrimEnd('/')}");
        await output.FlushAsync();
    }

    private static IEnumerable<string> Lines(StandaloneHost host, string dataFolder)
    {
        var url = host.Url.AbsoluteUri.TrimEnd('/');
        var configuration = host.Services.GetRequiredService<IConfiguration>();
        var tenant = host.Services.GetRequiredService<TenantDirectory>().All.OrderBy(t => t.Id, StringComparer.Ordinal).First();
        var simulated = host.Services.GetRequiredService<SimulatedAccounts>().Phones.Count > 0;
        var site = tenant.Accounts.Find(a => a.Channel == ChannelNames.Web)?.Id;

        yield return "";
        yield return "Parley is running.";
        yield return "";
        if (site is not null) yield return $"  web chat    {url}/";
        if (simulated) yield return $"  simulator   {url}{SimulatorExtensions.PagePath}    phones with WhatsApp, to type on";
        yield return $"  kafka       {host.BootstrapServers}{(host.IsBrokerEmbedded ? "    in memory: for trying out, gone when this stops" : "")}";
        yield return $"  store       {Store(configuration)}";
        yield return $"  engine      {configuration["Engine:Address"]}";
        yield return "";
        if (site is not null && tenant.JwtSecrets.Count > 0)
        {
            yield return "Send a message, by REST:";
            yield return "  " + Curl(url, tenant);
        }

        if (site is not null)
        {
            yield return "by Kafka:";
            yield return "  " + Kcat(host.BootstrapServers, tenant.Id, site);
        }

        var where = (host.Url.Port == 8080 ? "" : $" --url {url}") + (dataFolder == "data" ? "" : $" --data {dataFolder}");
        if (simulated) yield return $"by WhatsApp:\n  ./parley send whatsapp --text 'Where is my order ORD123456?'{where}";
        yield return $"Watch what happens: ./parley inbound{Url(host, url)}    ./parley outbound{Url(host, url)}    more: ./parley --help";
        yield return "";
    }

    private static string Url(StandaloneHost host, string url) => host.Url.Port == 8080 ? "" : $" --url {url}";

    // A connection string may hold a password.
    private static string Store(IConfiguration configuration)
    {
        var kind = configuration["Store:Kind"] is { Length: > 0 } named ? named : "sqlite";
        return kind == "sqlite" ? $"{configuration["Store:ConnectionString"]?.Replace("Data Source=", "", StringComparison.Ordinal)}" : kind;
    }

    private static string Curl(string url, Tenant tenant)
    {
        var token = ApiToken.Sign(new ApiToken.Claims(tenant.Id, "console"), tenant.JwtSecrets[0], TokenLife, TimeProvider.System);
        return $"curl -s {url}/api/v2/chat/message -H 'Authorization: Bearer {token}' -H 'Content-Type: application/json'"
            + """ -d '{"user_id":"ada","channel":"web","content":{"type":"text","text":"Where is my order ORD123456?"}}'""";
    }

    private static string Kcat(string servers, string tenant, string site)
    {
        var key = new ConversationKey(tenant, DerivedId.Conversation(tenant, ChannelNames.Web, site, "ada"));

        // The shell puts the time into the id: the same id again would be the same message.
        var data = $$$"""{"tenant":"{{{tenant}}}","conversation_id":"{{{key.ConversationId}}}","channel":"web","account":"{{{site}}}","participant":{"id":"ada"},"message_id":"kcat-'$(date +%s)'","content":{"type":"text","text":"and when does it arrive?"}}""";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"echo '{data}' | kcat -P -b {servers} -t {Topics.Inbound} -k '{key}' -X partitioner=murmur2_random -H ce_specversion=1.0 -H ce_id=$(date +%s) -H ce_source=/shell -H ce_type={RecordTypes.Message} -H content-type=application/json");
    }
}
