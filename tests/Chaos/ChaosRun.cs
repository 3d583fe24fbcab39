using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Parley.Chaos.Checking;
using Parley.Chaos.Faults;
using Parley.Chaos.History;
using Parley.Chaos.Hosts;
using Parley.Chaos.Report;
using Parley.Chaos.Workload;
using Parley.Common.Records;
using Parley.TestKit;
using Parley.TestKit.Engine;

namespace Parley.Chaos;

/// <summary>One run: start, hand in while things break, let everything finish, read what is there, judge.</summary>
internal sealed class ChaosRun(RunSettings settings, Servers servers, Action<string> say)
{
    private const int Partitions = 12;
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(5);

    private readonly Counters _counters = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly DateTimeOffset _began = DateTimeOffset.UtcNow;

    public async Task<RunReport> RunAsync(CancellationToken cancellation)
    {
        var schema = await servers.EmptyAsync(Partitions, cancellation);
        var drops = (servers.CommitsLost.Done, servers.CommitsUnheard.Done, servers.ProducesUnheard.Done);
        var scratch = Directory.CreateTempSubdirectory("parley-chaos-").FullName;
        await using var history = new RunHistory(settings.Out is null ? null : Path.Combine(settings.Out, "history"));
        await using var fakeEngine = await FakeEngine.StartAsync(cancellation);
        await using var fakeChannel = await FakeWhatsApp.StartAsync();
        var tenants = ChaosTenant.Make(settings.Tenants, settings.Seed);
        var engine = new ChainEngine(fakeEngine, tenants, history, settings.Seed) { Slow = settings.Faults.Slow, SlowUpTo = settings.Faults.SlowUpTo };
        var channel = new ChaosChannel(fakeChannel, tenants, history, settings.Seed) { AnswerLost = settings.Faults.AnswerLost, Refused = settings.Faults.Refused };
        engine.Start();
        channel.Start();
        var tenantsFile = Path.Combine(scratch, "tenants.json");
        await File.WriteAllTextAsync(tenantsFile, ChaosTenant.ToSettings(tenants, channel.Address), cancellation);

        await using var cluster = new Cluster(settings, servers, schema, tenantsFile, engine.Address, history);
        await cluster.StartAsync(cancellation);
        using var ingest = new IngestClient([.. cluster.Of(Role.Ingest).Select(h => h.Address)], history);
        using var records = new ForeignProducer(servers.Kafka.BootstrapServers, history);
        using var inbound = new OffsetWatch(servers.Kafka.BootstrapServers, cluster.Group(Role.Worker), Topics.Inbound, Partitions);
        using var outbound = new OffsetWatch(servers.Kafka.BootstrapServers, cluster.Group(Role.Dispatcher), Topics.Outbound, Partitions);
        using var drivers = new Drivers(settings, tenants, ingest, records, _counters);
        var conversations = drivers.Conversations.ToDictionary(c => (c.Tenant.Id, c.Name));
        channel.OnAccepted = send =>
        {
            if (MessageText.TryRead(send.Text, out var message, out _) && conversations.TryGetValue((message.Tenant, message.Conversation), out var one)) one.Replied(message.Seq);
        };

        using var person = new Operator(servers.Store(schema), tenants, [.. cluster.Of(Role.Ingest).Select(h => h.Address)], _counters);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var watching = Task.WhenAll(
            inbound.SampleAsync(history, over.Token), person.RunAsync(over.Token), SampleMemoryAsync(cluster, history, over.Token),
            settings.Faults.Statuses ? channel.TellAsync(ingest, over.Token) : Task.CompletedTask, ProgressAsync(drivers, channel, over.Token));
        say($"run with seed {settings.Seed}{(settings.Mutant is { } mutant ? $", mutant {mutant}" : "")}: {settings.Tenants} tenants, {drivers.Conversations.Count} conversations, ready after {_clock.Elapsed.TotalSeconds:F0} s");

        await LoadAsync(drivers, cluster, new FaultSchedule(settings, servers, cluster, engine, channel, history, _counters, tenants), cancellation);
        var (drained, left) = await DrainAsync(drivers, inbound, outbound, schema, cancellation);
        await over.CancelAsync();
        await watching;

        var replied = channel.Taken;
        await cluster.DisposeAsync();
        var evidence = Evidence.Of(
            history.Events, await StoreReader.ReadAsync(servers.Store(schema), cancellation), TopicsReader.Read(servers.Kafka.BootstrapServers, Partitions, cancellation));
        evidence = evidence with { Tenants = tenants, Drained = drained, Left = left };
        _counters.Add(Counters.CommitsLost, servers.CommitsLost.Done - drops.Item1);
        _counters.Add(Counters.CommitsUnheard, servers.CommitsUnheard.Done - drops.Item2);
        _counters.Add(Counters.ProducesUnheard, servers.ProducesUnheard.Done - drops.Item3);
        Coverage.Count(evidence, _counters);
        Directory.Delete(scratch, recursive: true);

        var report = new RunReport(
            settings, Commit(), _began, _clock.Elapsed, drivers.Accepted, replied, evidence, _counters.All, Invariants.Check(evidence),
            Missing(drivers), Recovery.Of(evidence));
        if (settings.Out is { } folder) report.Write(folder);
        return report;
    }

    private async Task LoadAsync(Drivers drivers, Cluster cluster, FaultSchedule faults, CancellationToken cancellation)
    {
        using var load = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        load.CancelAfter(settings.Load);
        using var ended = cancellation.Register(drivers.GiveUp);
        var handingIn = drivers.RunAsync(load.Token);
        await Eventually.True(() => drivers.Accepted > 50 || load.IsCancellationRequested, cancellation, TimeSpan.FromSeconds(60));
        var breaking = faults.RunAsync(load.Token);
        while (!load.IsCancellationRequested)
        {
            await Task.Delay(200, load.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var isEnough = settings.EnoughMessages > 0 && drivers.Accepted >= settings.EnoughMessages && Kills() >= settings.EnoughKills;
            // Whether a zombie meets the store is a matter of luck: a run that needs one goes on, within its time, until it had it.
            if (isEnough && (cluster.Fenced > 0 || !settings.Faults.Required.Contains(Counters.Fenced))) await load.CancelAsync();
        }

        await handingIn;
        await breaking;
        cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>Waits until nothing is left: no call under way, no record unread, no message missing, no reply unsettled.</summary>
    private async Task<(TimeSpan? Drained, string Left)> DrainAsync(
        Drivers drivers, OffsetWatch inbound, OffsetWatch outbound, string schema, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var left = "";
        var quiet = 0;
        while (clock.Elapsed < settings.Drain)
        {
            await Task.Delay(500, cancellation);
            if (drivers.UnderWay > 0)
            {
                left = $"{drivers.UnderWay} calls under way";
                continue;
            }

            var (messages, open) = await CountAsync(schema, cancellation);
            var (unread, unsent) = (await inbound.LagAsync(), await outbound.LagAsync());
            left = $"{drivers.Accepted - messages} messages not in the store, {open} replies not settled, {unread} records unread inbound, {unsent} outbound";
            var done = open == 0 && unread == 0 && unsent == 0;
            // With nothing left to read, what is missing stays missing: S1's matter.
            quiet = done ? quiet + 1 : 0;
            if (done && (messages >= drivers.Accepted || quiet >= 6)) return (clock.Elapsed, left);
        }

        drivers.GiveUp();
        await Eventually.True(() => drivers.UnderWay == 0, cancellation, TimeSpan.FromSeconds(20));
        return (null, left);
    }

    private async Task<(long Messages, long Open)> CountAsync(string schema, CancellationToken cancellation)
    {
        try
        {
            return await StoreReader.CountAsync(servers.Store(schema), cancellation);
        }
        catch (NpgsqlException)
        {
            // It has just been started again.
            return (0, 1);
        }
    }

    private async Task ProgressAsync(Drivers drivers, ChaosChannel channel, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            await Task.Delay(ProgressEvery, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stopping.IsCancellationRequested) return;
            say(string.Create(CultureInfo.InvariantCulture,
                $"  {_clock.Elapsed.TotalSeconds,4:F0} s  accepted {drivers.Accepted,7:N0}  replied {channel.Taken,7:N0}  waiting {drivers.Waiting,5:N0}  kills {Kills(),3}  pauses {_counters[Counters.Pauses],3}  broker {_counters[Counters.BrokerKills]}  store {_counters[Counters.StoreKills]}"));
        }
    }

    private static async Task SampleMemoryAsync(Cluster cluster, RunHistory history, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            await Task.Delay(2_000, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var host in cluster.Hosts)
            {
                if (host.Resident() is { } resident) history.Add(new MemorySample(host.Name, RunHistory.Now, resident));
            }
        }
    }

    private long Kills() => _counters[Counters.WorkerKills] + _counters[Counters.IngestKills] + _counters[Counters.DispatcherKills]
        + _counters[Counters.BrokerKills] + _counters[Counters.StoreKills];

    private List<string> Missing(Drivers drivers)
    {
        var missing = settings.Faults.Required.Where(name => _counters[name] == 0).ToList();
        if (drivers.Accepted < settings.EnoughMessages) missing.Add($"{settings.EnoughMessages} messages accepted");
        if (Kills() < settings.EnoughKills) missing.Add($"{settings.EnoughKills} kills");
        return missing;
    }

    /// <summary>Of the working folder; "unknown" outside a checkout.</summary>
    private static string Commit()
    {
        using var git = Process.Start(new ProcessStartInfo("git", ["rev-parse", "--short", "HEAD"]) { RedirectStandardOutput = true, RedirectStandardError = true });
        var commit = git?.StandardOutput.ReadToEnd().Trim();
        return commit is { Length: > 0 } ? commit : "unknown";
    }
}
