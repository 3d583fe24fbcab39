using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Parley.Common.Backplane;
using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Stores;
using Parley.Ingest;
using Parley.TestKit.Hosts;
using Parley.TestKit.Kafka;

namespace Parley.Integration.Ingest;

/// <summary>The Ingest host as it runs, on Kestrel, with a broker, a SQLite store and the in-process backplane.</summary>
public sealed class IngestApp : IAsyncDisposable
{
    public const string OtherTenant = "other";
    public const string OtherSecret = "fedcba9876543210fedcba9876543210";
    public const string OtherSite = "other-site";
    public const string AllowedOrigin = "https://shop.example";

    private readonly WebApplication _app;
    private readonly TestBroker? _broker;
    private readonly string _folder;

    private IngestApp(WebApplication app, TestBroker? broker, string folder)
    {
        (_app, _broker, _folder) = (app, broker, folder);
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(30) };
    }

    public Uri Address { get; }

    public HttpClient Http { get; }

    public IServiceProvider Services => _app.Services;

    public IConversationStore Store => Services.GetRequiredService<IConversationStore>();

    public IBackplane Backplane => Services.GetRequiredService<IBackplane>();

    public string BootstrapServers => _broker!.BootstrapServers;

    /// <param name="cancellation">Of the test.</param>
    /// <param name="settings">Over the usual ones.</param>
    /// <param name="kind">Null for no broker at all: nothing listens where the setting points.</param>
    /// <param name="configure">Last changes of what is registered.</param>
    public static async Task<IngestApp> StartAsync(
        CancellationToken cancellation, IReadOnlyDictionary<string, string>? settings = null, BrokerKind? kind = BrokerKind.Embedded,
        Action<WebApplicationBuilder>? configure = null)
    {
        var broker = kind is { } known ? await TestBroker.StartAsync(known, cancellation) : null;
        var folder = Directory.CreateTempSubdirectory("parley-ingest-").FullName;
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(Settings(broker, folder, settings).Select(s => KeyValuePair.Create(s.Key, (string?)s.Value)));
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddIngest();
        configure?.Invoke(builder);

        var app = builder.Build();
        app.MapIngest();
        await app.StartAsync(cancellation);
        return new IngestApp(app, broker, folder);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync(TestContext.Current.CancellationToken);
        await _app.DisposeAsync();
        if (_broker is not null) await _broker.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>What a topic holds now.</summary>
    public IReadOnlyList<TopicReader.Entry> Topic(string name) => TopicReader.ReadAll(BootstrapServers, name);

    /// <summary>Records of all topics: unchanged when nothing reached Kafka.</summary>
    public int RecordsAnywhere() => Topics.All.Sum(t => Topic(t).Count);

    public static string Token(
        string tenant = TestTenant.Id, string subject = "tester", string[]? permissions = null, string tier = "default", DateTime? expires = null,
        Dictionary<string, object>? more = null)
    {
        var claims = new Dictionary<string, object>(more ?? [])
        {
            ["sub"] = subject, ["tenant_id"] = tenant, ["permissions"] = permissions ?? ["chat:send", "chat:read"], ["rate_limit_tier"] = tier,
        };
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Claims = claims,
            Expires = expires ?? DateTime.UtcNow.AddHours(1),
            SigningCredentials = new SigningCredentials(
                new SymmetricSecurityKey(Encoding.UTF8.GetBytes(tenant == OtherTenant ? OtherSecret : TestTenant.JwtSecret)), SecurityAlgorithms.HmacSha256),
        });
    }

    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, CancellationToken cancellation, string? token = null, object? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        request.Content = body switch
        {
            null => null,
            string text => new StringContent(text, Encoding.UTF8, "application/json"),
            byte[] bytes => new ByteArrayContent(bytes),
            HttpContent content => content,
            _ => JsonContent.Create(body),
        };
        return await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
    }

    public static async Task<JsonElement> JsonAsync(HttpResponseMessage response, CancellationToken cancellation) =>
        await response.Content.ReadFromJsonAsync<JsonElement>(cancellation);

    /// <summary>Does what the processor does with a message: commits a turn that answers it, and says so.</summary>
    public async Task<Reply> AnswerAsync(InboundMessage message, string text, CancellationToken cancellation)
    {
        var known = await Store.LoadAsync(message.Key, cancellation);
        var turn = DerivedId.Turn(message.Key, message.Identity, message.Identity);
        var seq = known?.LastSeq ?? 0;
        var reply = new Reply
        {
            ReplyId = DerivedId.Reply(turn, 0), TurnId = turn, Tenant = message.Tenant, ConversationId = message.ConversationId, Channel = message.Channel,
            Account = message.Account, To = message.Participant.Id, Seq = seq + 2, InReplyTo = [message.MessageId],
            Content = new ReplyContent { Type = "choices", Text = text, Actions = [new ReplyAction("yes", "Yes")] }, CreatedAt = message.ReceivedAt!.Value,
        };
        var outcomes = await Store.CommitAsync(
            [
                new TurnCommit
                {
                    Key = message.Key, ExpectedVersion = known?.Version ?? 0, TurnId = turn,
                    State = (known ?? New(message)) with { Version = (known?.Version ?? 0) + 1, LastSeq = seq + 2 },
                    Messages = [new CommittedMessage(message, seq + 1, 0, 0)],
                    Replies = [reply],
                    Facts = new TurnFacts { ProcessingTimeMs = 12, ModelUsed = "m1", ModelProvider = "p1", ConfidenceScore = 0.5, NextExpectedInputs = ["yes"] },
                },
            ],
            cancellation);
        Assert.Equal([CommitOutcome.Committed], outcomes);
        await Backplane.PublishAsync(Notices.Conversation(message.Key), Notices.History);
        return reply;
    }

    private static ConversationState New(InboundMessage message) => new()
    {
        Channel = message.Channel, Account = message.Account, Participant = message.Participant,
        Session = new Session("s_1", message.ReceivedAt!.Value, message.ReceivedAt!.Value),
    };

    private static Dictionary<string, string> Settings(TestBroker? broker, string folder, IReadOnlyDictionary<string, string>? more)
    {
        var settings = TestTenant.Settings();
        settings["Tenants:0:Name"] = "Demo & Sons";
        settings["Tenants:0:AllowedOrigins:0"] = AllowedOrigin;
        settings["Tenants:0:RequestsPerMinute:tiny"] = "2";
        settings["Tenants:1:Id"] = OtherTenant;
        settings["Tenants:1:JwtSecrets:0"] = OtherSecret;
        settings["Tenants:1:Accounts:0:Channel"] = "web";
        settings["Tenants:1:Accounts:0:Id"] = OtherSite;
        settings["Tenants:1:Accounts:1:Channel"] = "whatsapp";
        settings["Tenants:1:Accounts:1:Id"] = "999";
        settings["Tenants:1:Accounts:1:WebhookSecrets:0"] = TestTenant.AppSecret;
        settings["Store:ConnectionString"] = Path.Combine(folder, "parley.db");
        settings["Kafka:BootstrapServers"] = "127.0.0.1:9";
        settings["Kafka:CreateTopics"] = "false";
        foreach (var (name, value) in broker?.Settings ?? []) settings[name] = value;
        foreach (var (name, value) in more ?? new Dictionary<string, string>()) settings[name] = value;
        return settings;
    }
}

/// <summary>One app for all tests of a class.</summary>
public sealed class IngestAppFixture : IAsyncLifetime
{
    public IngestApp App { get; private set; } = null!;

    public async ValueTask InitializeAsync() => App = await IngestApp.StartAsync(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => App.DisposeAsync();
}
