namespace Parley.Chaos;

/// <summary>What one run is to be: its size, its faults, its seed. Everything random follows from the seed, as far as the machine's timing lets it.</summary>
internal sealed record RunSettings
{
    public int Seed { get; init; } = 1;

    /// <summary>Brokers. With 3, topics have three replicas of which two must have a record.</summary>
    public int Nodes { get; init; } = 1;

    /// <summary>How long messages are handed in at most.</summary>
    public TimeSpan Load { get; init; } = TimeSpan.FromMinutes(4);

    /// <summary>Ends the load when both counts are reached; 0 for the whole <see cref="Load"/>.</summary>
    public int EnoughMessages { get; init; }

    public int EnoughKills { get; init; }

    /// <summary>Messages a second, at most.</summary>
    public double Rate { get; init; } = 120;

    public int Tenants { get; init; } = 24;

    public int ConversationsPerTenant { get; init; } = 50;

    /// <summary>Share of messages that go to one conversation.</summary>
    public double Hot { get; init; } = 0.02;

    /// <summary>Messages of a conversation that may wait for their replies before the next is handed in.</summary>
    public int Window { get; init; } = 4;

    /// <summary>Messages that may wait for their replies in all: a machine that cannot follow is not driven into a heap.</summary>
    public int Backlog { get; init; } = 800;

    /// <summary>classic or consumer.</summary>
    public string GroupProtocol { get; init; } = "classic";

    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>How long everything may take after the last fault.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(60);

    public int Ingests { get; init; } = 2;
    public int Workers { get; init; } = 3;
    public int Dispatchers { get; init; } = 2;

    public FaultMix Faults { get; init; } = FaultMix.Standard;

    /// <summary>The hosts' broken part; null for the real programs.</summary>
    public string? Mutant { get; init; }

    /// <summary>Where history, logs and report go; null for nowhere.</summary>
    public string? Out { get; init; }
}

/// <summary>How often which fault. Intervals are means; 0 is never. Shares are of the calls concerned.</summary>
internal sealed record FaultMix
{
    /// <summary>Seconds between kills of a worker, an ingest or a dispatcher.</summary>
    public double Kills { get; init; }

    /// <summary>Victims of kills, by weight.</summary>
    public KillWeights Victims { get; init; } = new(Worker: 3, Ingest: 1, Dispatcher: 2);

    /// <summary>Seconds between pauses of a worker, besides those among the disturbances.</summary>
    public double Pauses { get; init; }

    /// <summary>Seconds between the disturbances, which come one after the other, each as often as it stands here.</summary>
    public double Pace { get; init; }

    public IReadOnlyList<string> Disturbances { get; init; } = [];

    /// <summary>Seconds between commits that are cut before or after they reach the store.</summary>
    public double CommitCuts { get; init; }

    /// <summary>Seconds between produce answers that are swallowed.</summary>
    public double ProduceDrops { get; init; }

    /// <summary>Share of sends that are taken without an answer.</summary>
    public double AnswerLost { get; init; } = 0.005;

    /// <summary>Whether the channel tells by statuses what it took. They settle what nothing else would.</summary>
    public bool Statuses { get; init; } = true;

    /// <summary>Share of sends that are refused for now.</summary>
    public double Refused { get; init; } = 0.003;

    /// <summary>Share of engine calls that are slow, up to <see cref="SlowUpTo"/>.</summary>
    public double Slow { get; init; } = 0.02;

    public TimeSpan SlowUpTo { get; init; } = TimeSpan.FromSeconds(1.5);

    public double Duplicates { get; init; } = 0.05;

    /// <summary>Counters that must not be 0, or the run says nothing.</summary>
    public IReadOnlyList<string> Required { get; init; } = [];

    /// <summary>Everything, against one broker.</summary>
    public static FaultMix Standard { get; } = new()
    {
        Kills = 6,
        Pauses = 20,
        Pace = 4,
        Disturbances =
        [
            Chaos.Faults.FaultNames.PauseWorker, Chaos.Faults.FaultNames.PauseDispatcher, Chaos.Faults.FaultNames.StoreKill, Chaos.Faults.FaultNames.PauseWorker,
            Chaos.Faults.FaultNames.Storm, Chaos.Faults.FaultNames.EngineHangs, Chaos.Faults.FaultNames.PauseDispatcher, Chaos.Faults.FaultNames.BrokerKill,
            Chaos.Faults.FaultNames.Restart, Chaos.Faults.FaultNames.Stall, Chaos.Faults.FaultNames.Cut, Chaos.Faults.FaultNames.RedisEmptied,
        ],
        CommitCuts = 4,
        ProduceDrops = 4,

        // Enough turns are in the engine at any time for a pause to catch some.
        Slow = 0.15,
        Required =
        [
            Counters.WorkerKills, Counters.IngestKills, Counters.DispatcherKills, Counters.Pauses, Counters.Restarts, Counters.Storms, Counters.BrokerKills, Counters.StoreKills,
            Counters.CommitsUnheard, Counters.CommitsLost, Counters.ProducesUnheard, Counters.Fenced, Counters.DuplicatesSuppressed, Counters.Redeliveries, Counters.DeadLetters,
            Counters.SettledByStatus, Counters.BusyRebalances, Counters.Refused503, Counters.BadSignatures,
        ],
    };

    /// <summary>The same at the pace of a long run: something dies every few seconds, and a worker is paused most of the time.</summary>
    public static FaultMix Dense { get; } = Standard with { Kills = 1.5, Pauses = 5 };

    /// <summary>Three brokers, one of them killed every ten seconds in turn, workers besides.</summary>
    public static FaultMix Brokers { get; } = new()
    {
        Kills = 9,
        Victims = new(Worker: 1, Ingest: 0, Dispatcher: 0),
        Pace = 10,
        Disturbances = [Chaos.Faults.FaultNames.BrokerKill],
        ProduceDrops = 5,
        Required = [Counters.WorkerKills, Counters.BrokerKills, Counters.ProducesUnheard, Counters.DuplicatesSuppressed],
    };
}

/// <summary>Kills of each role among their sum.</summary>
internal sealed record KillWeights(int Worker, int Ingest, int Dispatcher);
