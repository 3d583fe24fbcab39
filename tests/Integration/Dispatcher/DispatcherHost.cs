using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Parley.Common;
using Parley.Common.Conversations;
using Parley.Common.Kafka;
using Parley.Common.Records;
using Parley.Common.Stores;
using Parley.Dispatcher;
using Parley.TestKit;
using Parley.TestKit.Kafka;

namespace Parley.Integration.Dispatcher;

/// <summary>The dispatcher as it runs, on a broker in memory, a store in a file and a WhatsApp of our own, with short times.</summary>
internal sealed class DispatcherHost : IAsyncDisposable
{
    public const string Tenant = "demo";
    public const string Account = "106540352242922";
    public const string OtherAccount = "206540352242922";
    public const string Site = "site";

    private const string RealStore = "real";

    private readonly string _folder;
    private readonly WebApplication _app;
    private readonly TestBroker _broker;
    private readonly Dictionary<string, string?> _settings;
    private int _turns;

    private DispatcherHost(string folder, WebApplication app, TestBroker broker, FakeWhatsApp whatsApp, Dictionary<string, string?> settings) =>
        (_folder, _app, _broker, WhatsApp, _settings) = (folder, app, broker, whatsApp, settings);

    public FakeWhatsApp WhatsApp { get; }

    /// <summary>The store itself, whatever stands between it and the dispatcher.</summary>
    public IConversationStore Store =>
        _app.Services.GetKeyedService<IConversationStore>(RealStore) ?? _app.Services.GetRequiredService<IConversationStore>();

    public IServiceProvider Services => _app.Services;

    public static Task<DispatcherHost> StartAsync(CancellationToken cancellation, params (string Setting, string Value)[] settings) =>
        StartAsync(static builder => builder.AddDispatcher(), settings, cancellation);

    /// <param name="around">Puts something between the dispatcher and the store.</param>
    /// <param name="cancellation">Of the test.</param>
    /// <param name="settings">Besides or instead of the usual ones.</param>
    public static Task<DispatcherHost> StartAsync(
        Func<IConversationStore, IConversationStore> around, CancellationToken cancellation, params (string Setting, string Value)[] settings) => StartAsync(
        builder =>
        {
            builder.AddDispatcher();
            var real = builder.Services.Single(s => s.ServiceType == typeof(IConversationStore)).ImplementationFactory!;
            builder.Services.AddKeyedSingleton(RealStore, (services, _) => (IConversationStore)real(services));
            builder.Services.AddSingleton(services => around(services.GetRequiredKeyedService<IConversationStore>(RealStore)));
        },
        settings,
        cancellation);

    /// <summary>Store, broker and WhatsApp, without a dispatcher: for those that <see cref="StartProcess"/> starts.</summary>
    public static Task<DispatcherHost> StartWithoutDispatcherAsync(CancellationToken cancellation, params (string Setting, string Value)[] settings) =>
        StartAsync(static builder => builder.AddParley(), settings, cancellation);

    /// <summary>A dispatcher in a process of its own, on this host's store, broker and WhatsApp.</summary>
    public ChildProcess StartProcess() => ChildProcess.Start(
        "dotnet",
        [Path.Combine(AppContext.BaseDirectory, "Parley.Dispatcher.dll")],
        _settings.ToDictionary(s => s.Key.Replace(":", "__", StringComparison.Ordinal), s => s.Value),
        _folder);

    private static async Task<DispatcherHost> StartAsync(
        Action<WebApplicationBuilder> add, (string Setting, string Value)[] settings, CancellationToken cancellation)
    {
        var broker = await TestBroker.StartAsync(BrokerKind.Embedded, cancellation);
        var whatsApp = await FakeWhatsApp.StartAsync();
        var folder = Directory.CreateTempSubdirectory("parley-dispatcher-").FullName;
        var all = Settings(folder, whatsApp.Address);
        foreach (var (setting, value) in broker.Settings) all[setting] = value;
        foreach (var (setting, value) in settings) all[setting] = value;

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(all);
        add(builder);
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        await app.StartAsync(cancellation);
        return new DispatcherHost(folder, app, broker, whatsApp, all);
    }

    /// <summary>Commits a turn with these replies and publishes them, as the processor does.</summary>
    public async Task<IReadOnlyList<Reply>> SendAsync(CancellationToken cancellation, params Reply[] replies)
    {
        var committed = await CommitAsync(cancellation, replies);
        foreach (var reply in committed) await PublishAsync(reply);
        return committed;
    }

    /// <summary>Commits a turn with these replies, and stops there.</summary>
    public async Task<IReadOnlyList<Reply>> CommitAsync(CancellationToken cancellation, params Reply[] replies)
    {
        var key = replies[0].Key;
        var state = await Store.LoadAsync(key, cancellation) ?? NewState(replies[0]);
        var turnId = $"t_{Interlocked.Increment(ref _turns)}_{Guid.NewGuid():N}";
        var numbered = replies.Select((reply, i) => reply with { TurnId = turnId, ReplyId = DerivedId.Reply(turnId, i), Seq = state.LastSeq + 1 + i }).ToList();
        var outcome = await Store.CommitAsync(
            [
                new TurnCommit
                {
                    Key = key,
                    ExpectedVersion = state.Version,
                    State = state with { Version = state.Version + 1, LastSeq = state.LastSeq + replies.Length },
                    TurnId = turnId,
                    Messages = [],
                    Replies = numbered,
                },
            ],
            cancellation);
        Assert.Equal([CommitOutcome.Committed], outcome);
        return numbered;
    }

    public async Task PublishAsync(Reply reply)
    {
        var result = await Services.GetRequiredService<RecordProducer>().PublishAsync(Topics.Outbound, RecordCodec.Encode(reply, "/test"));
        Assert.True(result.Acknowledged, result.Error);
    }

    public static Reply WhatsAppReply(string text, string to = "16505551234", string account = Account) => NewReply(text, ChannelNames.WhatsApp, account, to);

    public static Reply WebReply(string text) => NewReply(text, ChannelNames.Web, Site, "visitor");

    public async Task<LedgerEntry> RowAsync(Reply reply, CancellationToken cancellation) =>
        await Store.FindReplyAsync(reply.Tenant, reply.ReplyId, cancellation) ?? throw new InvalidOperationException("no row");

    /// <summary>Waits for a state of the reply's row.</summary>
    public Task<LedgerEntry> UntilAsync(Reply reply, LedgerState state, CancellationToken cancellation) =>
        Eventually.Until<LedgerEntry>(() => RowAsync(reply, cancellation), row => row.State == state, cancellation);

    /// <summary>Waits until a receipt of that status is on the topic, and returns all of the reply's.</summary>
    public Task<IReadOnlyList<Receipt>> ReceiptsAsync(Reply reply, DeliveryStatus until, CancellationToken cancellation) =>
        Eventually.Until<IReadOnlyList<Receipt>>(() => Task.FromResult(Receipts(reply)), all => all.Any(r => r.Status == until), cancellation);

    public IReadOnlyList<Receipt> Receipts(Reply reply) =>
    [
        .. Read(Topics.Inbound).Select(RecordCodec.Decode).OfType<DecodedRecord.OfReceipt>().Select(r => r.Receipt).Where(r => r.ReplyId == reply.ReplyId),
    ];

    public IReadOnlyList<KafkaRecord> Read(string topic) =>
    [
        .. TopicReader.ReadAll(_broker.BootstrapServers, topic)
            .Select(e => new KafkaRecord(e.Key, e.Value, [.. e.Headers.Select(h => KeyValuePair.Create(h.Key, System.Text.Encoding.UTF8.GetBytes(h.Value)))])),
    ];

    public async ValueTask DisposeAsync()
    {
        await WhatsApp.DisposeAsync();
        await _app.StopAsync();
        await _app.DisposeAsync();
        await _broker.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static Reply NewReply(string text, string channel, string account, string to) => new()
    {
        ReplyId = "",
        TurnId = "",
        Tenant = Tenant,
        ConversationId = DerivedId.Conversation(Tenant, channel, account, to),
        Channel = channel,
        Account = account,
        To = to,
        Seq = 0,
        InReplyTo = [],
        Content = new ReplyContent { Type = "text", Text = text },
        CreatedAt = DateTimeOffset.UtcNow,
    };

    private static ConversationState NewState(Reply reply) => new()
    {
        Channel = reply.Channel, Account = reply.Account, Participant = new Participant(reply.To), CreatedAt = reply.CreatedAt, UpdatedAt = reply.CreatedAt,
    };

    private static Dictionary<string, string?> Settings(string folder, string whatsApp) => new()
    {
        ["Store:ConnectionString"] = Path.Combine(folder, "parley.db"),
        ["Tenants:0:Id"] = Tenant,
        ["Tenants:0:Accounts:0:Channel"] = "whatsapp",
        ["Tenants:0:Accounts:0:Id"] = Account,
        ["Tenants:0:Accounts:0:AccessToken"] = "token-of-the-first",
        ["Tenants:0:Accounts:0:ApiBase"] = whatsApp,
        ["Tenants:0:Accounts:1:Channel"] = "whatsapp",
        ["Tenants:0:Accounts:1:Id"] = OtherAccount,
        ["Tenants:0:Accounts:1:AccessToken"] = "token-of-the-second",
        ["Tenants:0:Accounts:1:ApiBase"] = whatsApp,
        ["Tenants:0:Accounts:2:Channel"] = "web",
        ["Tenants:0:Accounts:2:Id"] = Site,
        ["Tenants:1:Id"] = "another",
        ["Dispatcher:SendTimeout"] = "00:00:05",
        ["Dispatcher:SettleTime"] = "00:00:00.500",
        ["Dispatcher:SweepInterval"] = "01:00:00",
        ["urls"] = "http://127.0.0.1:0",
    };
}
