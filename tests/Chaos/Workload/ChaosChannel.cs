using System.Collections.Concurrent;
using Parley.Chaos.History;
using Parley.TestKit;

namespace Parley.Chaos.Workload;

/// <summary>The channel of the run: writes down every message it takes, loses some of its answers, and tells by a status webhook what it took.</summary>
internal sealed class ChaosChannel(FakeWhatsApp fake, IReadOnlyList<ChaosTenant> tenants, RunHistory history, int seed)
{
    private readonly Dictionary<string, ChaosTenant> _byAccount = tenants.ToDictionary(t => t.Account);
    private readonly Dictionary<string, string> _byToken = tenants.ToDictionary(t => t.Token, t => t.Id);
    private readonly ConcurrentDictionary<string, ConcurrentQueue<AcceptedSend>> _untold = new();
    private readonly ConcurrentDictionary<string, string> _callbacks = new();
    private readonly ConcurrentDictionary<string, bool> _unanswered = new();
    private readonly Random _random = new(seed); // guarded by itself
    private int _taken;

    public string Address => fake.Address;

    /// <summary>Messages taken so far.</summary>
    public int Taken => Volatile.Read(ref _taken);

    /// <summary>Share of messages that are taken without an answer, a third of them late.</summary>
    public double AnswerLost { get; set; } = 0.005;

    /// <summary>When a message is taken that a dispatcher gave up: after its send timeout, within its lease.</summary>
    public TimeSpan Late { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>Share of messages that are refused for now, not taken.</summary>
    public double Refused { get; set; } = 0.003;

    /// <summary>Told of each message that is taken.</summary>
    public Action<AcceptedSend> OnAccepted { get; set; } = static _ => { };

    public void Start()
    {
        fake.Choose = Choose;
        fake.OnTaken = Take;
    }

    /// <summary>Tells Ingest what was taken, in batches, until it is believed; ends when cancelled and nothing is left.</summary>
    public async Task TellAsync(IngestClient ingest, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested || !_untold.Values.All(q => q.IsEmpty))
        {
            await Task.Delay(400, CancellationToken.None);
            await Parallel.ForEachAsync(_untold, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (entry, _) => await TellAsync(ingest, entry.Key, entry.Value));
            if (stopping.IsCancellationRequested) return;
        }
    }

    private async Task TellAsync(IngestClient ingest, string account, ConcurrentQueue<AcceptedSend> untold)
    {
        var batch = new List<AcceptedSend>();
        while (batch.Count < 50 && untold.TryDequeue(out var send)) batch.Add(send);
        if (batch.Count == 0) return;

        var body = WebhookBodies.Statuses(account, batch, _callbacks);
        var outcome = await ingest.PostAsync("statuses", account, body, WebhookBodies.Sign(body, _byAccount[account].Secret), Intent.Valid, []);
        if (outcome == Outcome.Ok) batch.ForEach(s => _callbacks.TryRemove(s.ProviderId, out _));
        else batch.ForEach(untold.Enqueue);
    }

    private FakeWhatsApp.Behaviour Choose(FakeWhatsApp.Message message)
    {
        double chance;
        lock (_random) chance = _random.NextDouble();
        if (chance < AnswerLost)
        {
            _unanswered[message.Id] = true;
            return (chance * 3 / AnswerLost) switch
            {
                < 1 => FakeWhatsApp.Behaviour.AcceptThenReset,
                < 2 => FakeWhatsApp.Behaviour.AcceptThenHang,
                _ => FakeWhatsApp.Behaviour.AcceptThenHang with { After = Late },
            };
        }

        return chance > 1 - Refused ? FakeWhatsApp.Behaviour.Error(500, 2, "temporarily unavailable") : FakeWhatsApp.Behaviour.Accept;
    }

    private void Take(FakeWhatsApp.Message message)
    {
        Interlocked.Increment(ref _taken);
        var tenant = _byAccount.GetValueOrDefault(message.Account);
        var callback = message.Callback;
        var to = message.Body.TryGetProperty("to", out var number) ? number.GetString() ?? "" : "";
        var send = new AcceptedSend(
            "channel", RunHistory.Now, tenant?.Id ?? "", _byToken.GetValueOrDefault(message.Token, ""), to, callback?.Split('.')[0], message.Id,
            message.Text ?? "", _unanswered.TryRemove(message.Id, out _));
        history.Add(send);
        OnAccepted(send);
        if (callback is null || tenant is null) return;

        _callbacks[message.Id] = callback;
        _untold.GetOrAdd(message.Account, static _ => new()).Enqueue(send);
    }
}
