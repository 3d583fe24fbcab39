using Parley.Chaos.History;
using Parley.Chaos.Hosts;
using Parley.Chaos.Workload;
using Parley.TestKit.Proxies;

namespace Parley.Chaos.Faults;

/// <summary>Breaks things: kills at one pace, disturbances one after the other at another, small cuts all the time. Everything drawn from the seed.</summary>
internal sealed class FaultSchedule(RunSettings settings, Servers servers, Cluster cluster, ChainEngine engine, ChaosChannel channel, RunHistory history, Counters counters,
    IReadOnlyList<ChaosTenant> tenants)
{
    private const int Enough = 20;

    /// <summary>In nanoseconds.</summary>
    private const long Patience = 30_000_000_000;

    private readonly FaultMix _mix = settings.Faults;
    private readonly Random _kills = new(settings.Seed + 1);
    private readonly Random _disturbances = new(settings.Seed + 2);
    private readonly Random _pauses = new(settings.Seed + 7);
    private Queue<Role> _victims = new();
    private int _node;

    public async Task RunAsync(CancellationToken stopping)
    {
        await Task.WhenAll(
            EveryAsync(_mix.Kills, new Random(settings.Seed + 3), () => WhenItWorksAsync(KillOneAsync, stopping), stopping),
            DisturbAsync(stopping),
            EveryAsync(_mix.Pauses, new Random(settings.Seed + 6), () => WhenItWorksAsync(() => PauseOneAsync(Role.Worker, _pauses), stopping), stopping),
            EveryAsync(_mix.CommitCuts, new Random(settings.Seed + 4), CutCommitAsync, stopping),
            EveryAsync(_mix.ProduceDrops, new Random(settings.Seed + 5), DropProduceAsync, stopping));
        servers.ProducesUnheard.Disarm();
        servers.CommitsLost.Disarm();
        servers.CommitsUnheard.Disarm();
    }

    private static async Task EveryAsync(double seconds, Random random, Func<Task> fault, CancellationToken stopping)
    {
        while (seconds > 0 && !stopping.IsCancellationRequested)
        {
            await Task.Delay(TimeSpan.FromSeconds(seconds * (0.6 + 0.8 * random.NextDouble())), stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!stopping.IsCancellationRequested) await fault();
        }
    }

    /// <summary>Breaking what is broken shows nothing: waits until replies have come since the last fault of the kind, but not for ever.</summary>
    private async Task WhenItWorksAsync(Func<Task> fault, CancellationToken stopping)
    {
        var before = channel.Taken;
        var began = RunHistory.Now;
        while (channel.Taken < before + Enough && RunHistory.Now - began < Patience && !stopping.IsCancellationRequested)
        {
            await Task.Delay(100, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (!stopping.IsCancellationRequested) await fault();
    }

    private async Task DisturbAsync(CancellationToken stopping)
    {
        if (_mix.Disturbances.Count == 0) return;
        var deck = new Queue<string>(_mix.Disturbances);
        await EveryAsync(_mix.Pace, _disturbances, async () =>
        {
            if (deck.Count == 0) deck = new Queue<string>(_mix.Disturbances);
            await WhenItWorksAsync(() => DisturbAsync(deck.Dequeue()), stopping);
        }, stopping);
    }

    private Task DisturbAsync(string name) => name switch
    {
        FaultNames.PauseDispatcher => PauseOneAsync(Role.Dispatcher, _disturbances),
        FaultNames.PauseWorker => PauseOneAsync(Role.Worker, _disturbances),
        FaultNames.Restart => RestartOneAsync(),
        FaultNames.Storm => StormAsync(),
        FaultNames.BrokerKill => KillBrokerAsync(),
        FaultNames.StoreKill => KillStoreAsync(),
        FaultNames.EngineHangs => HangEngineAsync(),
        FaultNames.Stall => WireAsync(FaultNames.Stall, WireMode.Stall, TimeSpan.FromSeconds(3)),
        FaultNames.Cut => WireAsync(FaultNames.Cut, WireMode.Reset, TimeSpan.FromSeconds(1)),
        FaultNames.RedisEmptied => EmptyRedisAsync(),
        _ => throw new ArgumentException($"no such fault: {name}", nameof(name)),
    };

    private async Task KillOneAsync()
    {
        if (_victims.Count == 0) _victims = Deck();
        var role = _victims.Dequeue();
        if (Take(role, _kills) is not { } victim) return;

        var owned = victim.Owned;
        var began = RunHistory.Now;
        await victim.KillAsync();
        counters.Add(role switch { Role.Worker => Counters.WorkerKills, Role.Ingest => Counters.IngestKills, _ => Counters.DispatcherKills });
        await Task.Delay(TimeSpan.FromSeconds(_kills.NextDouble()));
        victim.Start();
        Release(victim);
        Note(FaultNames.Kill, victim.Name, began, owned);
    }

    /// <summary>SIGSTOP for longer than the session: its partitions go to others, and it comes back believing it owns them.</summary>
    private async Task PauseOneAsync(Role role, Random random)
    {
        if (Take(role, random) is not { } victim) return;

        var began = RunHistory.Now;
        var owned = victim.Owned;
        victim.Pause();
        await Task.Delay(settings.SessionTimeout + TimeSpan.FromSeconds(4 + 4 * random.NextDouble()));
        victim.Resume();
        counters.Add(Counters.Pauses);
        Release(victim);
        Note(FaultNames.Pause, victim.Name, began, owned);
    }

    private async Task RestartOneAsync()
    {
        if (Take((Role)_disturbances.Next(3), _disturbances) is not { } victim) return;

        var began = RunHistory.Now;
        await victim.StopAsync(TimeSpan.FromSeconds(20));
        victim.Start();
        counters.Add(Counters.Restarts);
        Release(victim);
        Note(FaultNames.Restart, victim.Name, began, []);
    }

    /// <summary>A further worker joins, leaves in good order, joins, leaves by a kill.</summary>
    private async Task StormAsync()
    {
        var began = RunHistory.Now;
        await using var extra = cluster.ExtraWorker();
        for (var round = 0; round < 2; round++)
        {
            extra.Start();
            await Task.Delay(TimeSpan.FromSeconds(4));
            if (round == 0) await extra.StopAsync(TimeSpan.FromSeconds(15));
            else await extra.KillAsync();
        }

        counters.Add(Counters.Storms);
        Note(FaultNames.Storm, extra.Name, began, []);
    }

    private async Task KillBrokerAsync()
    {
        var began = RunHistory.Now;
        var node = _node++ % settings.Nodes + 1;
        await servers.Kafka.KillAsync(node);
        await Task.Delay(TimeSpan.FromSeconds(settings.Nodes == 1 ? 0.5 : 2));
        await servers.Kafka.RestartAsync(CancellationToken.None, node);
        counters.Add(Counters.BrokerKills);
        Note(FaultNames.BrokerKill, $"broker-{node}", began, []);
    }

    private async Task KillStoreAsync()
    {
        var began = RunHistory.Now;
        await servers.Postgres.KillAsync();
        await Task.Delay(TimeSpan.FromSeconds(1));
        await servers.Postgres.StartAgainAsync(CancellationToken.None);
        counters.Add(Counters.StoreKills);
        Note(FaultNames.StoreKill, "store", began, []);
    }

    private async Task HangEngineAsync()
    {
        var began = RunHistory.Now;
        var tenant = tenants[_disturbances.Next(tenants.Count)].Id;
        engine.HangingTenant = tenant;
        await Task.Delay(TimeSpan.FromSeconds(4));
        engine.HangingTenant = null;
        Note(FaultNames.EngineHangs, tenant, began, []);
    }

    private async Task WireAsync(string name, WireMode mode, TimeSpan length)
    {
        var began = RunHistory.Now;
        var (edge, label) = _disturbances.Next(3) switch
        {
            0 => (servers.WorkerStore, "worker-store"),
            1 => (servers.DispatcherStore, "dispatcher-store"),
            _ => (servers.KafkaEdges[_disturbances.Next(servers.KafkaEdges.Count)], "kafka"),
        };
        edge.Mode = mode;
        await Task.Delay(length);
        edge.Mode = WireMode.Pass;
        Note(name, label, began, []);
    }

    private async Task EmptyRedisAsync()
    {
        if (servers.Redis is null) return;
        var began = RunHistory.Now;
        await servers.Redis.AskAsync("FLUSHALL", CancellationToken.None);
        Note(FaultNames.RedisEmptied, "redis", began, []);
    }

    private Task CutCommitAsync()
    {
        (_disturbances.Next(3) == 0 ? servers.CommitsLost : servers.CommitsUnheard).Arm();
        return Task.CompletedTask;
    }

    private Task DropProduceAsync()
    {
        servers.ProducesUnheard.Arm();
        return Task.CompletedTask;
    }

    /// <summary>Every role as often as it weighs, in an order of its own each time.</summary>
    private Queue<Role> Deck()
    {
        var (worker, ingest, dispatcher) = _mix.Victims;
        Role[] deck = [.. Enumerable.Repeat(Role.Worker, worker), .. Enumerable.Repeat(Role.Ingest, ingest), .. Enumerable.Repeat(Role.Dispatcher, dispatcher)];
        _kills.Shuffle(deck);
        return new Queue<Role>(deck);
    }

    private HostProcess? Take(Role role, Random random)
    {
        lock (cluster)
        {
            var free = cluster.Of(role).Where(h => h is { IsTaken: false, IsRunning: true }).ToList();
            if (free.Count == 0) return null;
            var victim = free[random.Next(free.Count)];
            victim.IsTaken = true;
            return victim;
        }
    }

    private void Release(HostProcess victim)
    {
        lock (cluster) victim.IsTaken = false;
    }

    private void Note(string name, string victim, long began, IReadOnlyList<int> owned) =>
        history.Add(new FaultEvent("faults", began, RunHistory.Now, name, victim, owned));
}
