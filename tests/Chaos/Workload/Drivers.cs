using Parley.Chaos.History;

namespace Parley.Chaos.Workload;

/// <summary>Hands messages in: seeded, at a rate, one closed loop per conversation, with what providers do besides (repeats, batches) and what attackers and other systems do.</summary>
internal sealed class Drivers(
    RunSettings settings, IReadOnlyList<ChaosTenant> tenants, IngestClient ingest, ForeignProducer records, Counters counters) : IDisposable
{
    private const double BatchShare = 0.08, BadShare = 0.01, ForeignShare = 0.005, CorruptShare = 0.004;
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(2);

    private readonly Random _random = new(settings.Seed); // only the pacing loop draws from it
    private readonly List<Conversation> _conversations = Make(settings, tenants);
    private readonly CancellationTokenSource _giveUp = new();
    private int _accepted;
    private int _underWay;

    public IReadOnlyList<Conversation> Conversations => _conversations;

    /// <summary>Messages accepted so far.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>Messages that wait for their replies.</summary>
    public int Waiting => _conversations.Sum(c => c.Waiting);

    /// <summary>Calls that have not come to an end yet.</summary>
    public int UnderWay => Volatile.Read(ref _underWay);

    /// <summary>Hands in until cancelled; what is under way then goes on until it is accepted or given up.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var owed = 0.0;
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
                owed = Waiting < settings.Backlog ? owed + settings.Rate * 0.02 : 0;
                for (; owed >= 1; owed--)
                {
                    if (Pick() is { } conversation) Begin(conversation);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The load is over.
        }
    }

    /// <summary>Senders stop trying: what is not accepted by now never will be.</summary>
    public void GiveUp() => _giveUp.Cancel();

    public void Dispose() => _giveUp.Dispose();

    private Conversation? Pick()
    {
        for (var tries = 0; tries < 8; tries++)
        {
            var conversation = _random.NextDouble() < settings.Hot ? _conversations[0] : _conversations[_random.Next(_conversations.Count)];
            if (conversation.TryBegin(settings.Window, TimeSpan.FromSeconds(20))) return conversation;
        }

        return null;
    }

    private void Begin(Conversation conversation)
    {
        var messages = conversation.Next(_random.NextDouble() < BatchShare ? _random.Next(2, 4) : 1);
        var again = _random.NextDouble() < settings.Faults.Duplicates ? TimeSpan.FromSeconds(_random.NextDouble() * 12) : (TimeSpan?)null;
        var aside = _random.NextDouble();
        var draw = new Random(_random.Next());
        Run(async () =>
        {
            try
            {
                if (!await HandInAsync(conversation, messages, draw)) return;
            }
            finally
            {
                conversation.End();
            }

            if (again is not { } wait) return;
            await Task.Delay(wait);
            await OnceAsync(conversation, messages);
        });

        if (aside < BadShare) Run(() => ForgeAsync(conversation, draw));
        else if (aside < BadShare + ForeignShare) Run(() => PostForeignAsync(conversation, draw));
        else if (aside < BadShare + ForeignShare + CorruptShare) Run(() => records.CorruptAsync(conversation, Other(conversation, draw), draw));
    }

    private void Run(Func<Task> work)
    {
        Interlocked.Increment(ref _underWay);
        _ = Task.Run(async () =>
        {
            try
            {
                await work();
            }
            finally
            {
                Interlocked.Decrement(ref _underWay);
            }
        });
    }

    /// <summary>As a provider does: again and again, until a 2xx.</summary>
    private async Task<bool> HandInAsync(Conversation conversation, IReadOnlyList<MessageKey> messages, Random random)
    {
        for (var attempt = 0; !_giveUp.IsCancellationRequested; attempt++)
        {
            switch (await OnceAsync(conversation, messages))
            {
                case Outcome.Ok:
                    Interlocked.Add(ref _accepted, messages.Count);
                    return true;
                case Outcome.Fail:
                    return false;
            }

            var wait = TimeSpan.FromMilliseconds(200 * Math.Pow(2, Math.Min(attempt, 5)) * (0.5 + random.NextDouble()));
            await Task.Delay(wait < LongestBackoff ? wait : LongestBackoff);
        }

        return false;
    }

    private async Task<Outcome> OnceAsync(Conversation conversation, IReadOnlyList<MessageKey> messages)
    {
        if (conversation.Way == Way.Record) return await records.SendAsync(conversation, messages);

        var tenant = conversation.Tenant;
        var body = WebhookBodies.Messages(tenant, tenant.Account, conversation.Phone, messages);
        return await ingest.PostAsync("customers", tenant.Account, body, WebhookBodies.Sign(body, tenant.Secret), Intent.Valid, messages);
    }

    /// <summary>A message that nobody sent, signed with another tenant's secret.</summary>
    private async Task ForgeAsync(Conversation conversation, Random random)
    {
        var forged = new MessageKey(conversation.Tenant.Id, "forged", random.Next());
        var body = WebhookBodies.Messages(conversation.Tenant, conversation.Tenant.Account, conversation.Phone, [forged]);
        var outcome = await ingest.PostAsync(
            "forgers", conversation.Tenant.Account, body, WebhookBodies.Sign(body, Other(conversation, random).Secret), Intent.BadSignature, [forged]);
        if (outcome == Outcome.Fail) counters.Add(Counters.BadSignatures);
    }

    /// <summary>Well signed, on one's own route, about another tenant's account.</summary>
    private async Task PostForeignAsync(Conversation conversation, Random random)
    {
        var forged = new MessageKey(conversation.Tenant.Id, "foreign", random.Next());
        var body = WebhookBodies.Messages(conversation.Tenant, Other(conversation, random).Account, conversation.Phone, [forged]);
        await ingest.PostAsync(
            "forgers", conversation.Tenant.Account, body, WebhookBodies.Sign(body, conversation.Tenant.Secret), Intent.ForeignAccount, [forged]);
    }

    private ChaosTenant Other(Conversation conversation, Random random)
    {
        var other = tenants[random.Next(tenants.Count)];
        return other != conversation.Tenant ? other : tenants[(tenants.ToList().IndexOf(other) + 1) % tenants.Count];
    }

    /// <summary>The same names and numbers in every tenant; one in ten is another system's.</summary>
    private static List<Conversation> Make(RunSettings settings, IReadOnlyList<ChaosTenant> tenants) =>
    [
        .. Enumerable.Range(0, settings.ConversationsPerTenant).SelectMany(i => tenants.Select(tenant => new Conversation(
            tenant, $"c{i:D3}", $"1650555{i:D4}", i % 10 == 9 ? Way.Record : Way.Webhook))),
    ];
}
