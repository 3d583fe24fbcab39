using System.Globalization;
using Parley.Common.Tenants;

namespace Parley.Unit.Simulation;

/// <summary>
/// A world in one thread: virtual time, a heap of events with seeded tie-breaks, and everything in it drawn from one seed. The same seed
/// gives the same run, to the last event.
/// </summary>
internal sealed class SimWorld
{
    private readonly PriorityQueue<Action, (DateTimeOffset At, int Tie, long Order)> _events = new();
    private readonly Random _ties;
    private long _order;

    public SimWorld(int seed)
    {
        Seed = seed;
        _ties = Fork("ties");
        Random = Fork("world");
        Knobs = new SimKnobs(Fork("knobs"));
        Store = new SimStore(this);
        Engine = new SimEngine(this);
        Channel = new SimChannel(this);
        Inbound = new SimTopic(this, "inbound", Knobs.Partitions);
        Outbound = new SimTopic(this, "outbound", Knobs.Partitions);
    }

    public int Seed { get; }
    public Random Random { get; }
    public SimKnobs Knobs { get; }
    public SimStore Store { get; }
    public SimEngine Engine { get; }
    public SimChannel Channel { get; }
    public SimTopic Inbound { get; }
    public SimTopic Outbound { get; }

    /// <summary>Ids of messages whose records went to the dead letters.</summary>
    public HashSet<string> DeadLetters { get; } = [];

    /// <summary>Ids of the facts that arrived on the events topic.</summary>
    public HashSet<string> Told { get; } = [];

    public DateTimeOffset Now { get; private set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Faults happen while true; the liveness phase turns it off.</summary>
    public bool Faulty { get; set; } = true;

    /// <summary>Grows with every event: two runs of one seed that differ anywhere differ here.</summary>
    public long Trace { get; private set; } = 17;

    /// <summary>How often each interesting thing happened: a run that never meets a fault proves nothing about it.</summary>
    public Dictionary<string, int> Seen { get; } = [];

    /// <summary>A generator of its own for a part, so that one more draw in one part does not shift all others.</summary>
    public Random Fork(string part) => new(HashCode(part));

    public void After(TimeSpan delay, Action action) => _events.Enqueue(action, (Now + delay, _ties.Next(), _order++));

    /// <summary>After a random time up to <paramref name="most"/> milliseconds.</summary>
    public void Soon(int most, Action action) => After(TimeSpan.FromMilliseconds(Random.Next(most + 1)), action);

    /// <summary>Whether a fault of this rate (0 to 1) strikes now.</summary>
    public bool Strikes(double rate, string what)
    {
        if (!Faulty || Random.NextDouble() >= rate) return false;
        Count(what);
        return true;
    }

    public void Count(string what)
    {
        Seen[what] = Seen.GetValueOrDefault(what) + 1;
        Note(what);
    }

    public void Note(string what)
    {
        foreach (var c in what) Trace = unchecked((Trace * 31) + c);
        Trace = unchecked((Trace * 31) + Now.Ticks);
    }

    public void Check(bool holds, string problem)
    {
        if (!holds) throw new SimViolationException(string.Create(CultureInfo.InvariantCulture, $"seed {Seed}, {(Now - new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)).TotalSeconds:F3} s: {problem}"));
    }

    /// <summary>Runs events until <paramref name="end"/>, or until a look at <paramref name="isDone"/>, twice a second, is met.</summary>
    public void Run(DateTimeOffset end, Func<bool>? isDone = null)
    {
        var look = Now;
        while (_events.TryPeek(out var action, out var at) && at.At <= end)
        {
            if (isDone is not null && at.At >= look)
            {
                if (isDone()) return;
                look = at.At + TimeSpan.FromMilliseconds(500);
            }

            _events.Dequeue();
            Now = at.At;
            action();
        }

        Now = end;
    }

    private int HashCode(string part)
    {
        var hash = unchecked((uint)Seed * 2654435761u);
        foreach (var c in part) hash = unchecked((hash ^ c) * 16777619u);
        return (int)(hash & 0x7fffffff);
    }
}

/// <summary>How wild a world is; drawn from its seed, so that many runs together cover calm and stormy ones.</summary>
internal sealed class SimKnobs(Random random)
{
    public int Partitions { get; } = random.Next(1, 5);
    public int Processors { get; } = random.Next(1, 4);
    public int Dispatchers { get; } = random.Next(1, 3);
    public int Conversations { get; } = random.Next(1, 7);
    public int Messages { get; } = random.Next(5, 40);
    public int Permits { get; } = random.Next(1, 9);
    public int RecordsPerRun { get; } = random.Next(2) == 0 ? 1 : random.Next(2, 8);
    public double DuplicateMessages { get; } = random.NextDouble() * 0.5;
    public double StoreFails { get; } = Rate(random, 0.1);
    public double StoreExecutesAndTimesOut { get; } = Rate(random, 0.1);
    public double EngineFails { get; } = Rate(random, 0.3);
    public double EngineRefuses { get; } = Rate(random, 0.1);
    public double PublishFails { get; } = Rate(random, 0.1);
    public double ChannelTakesAndDrops { get; } = Rate(random, 0.2);
    public double ChannelRefuses { get; } = Rate(random, 0.2);
    public double Crashes { get; } = Rate(random, 0.05);
    public double Pauses { get; } = Rate(random, 0.05);
    public double Rebalances { get; } = Rate(random, 0.05);
    public TimeSpan Session { get; } = TimeSpan.FromSeconds(6);
    public int EngineMilliseconds { get; } = random.Next(1, 3000);
    public int MaxAttempts { get; } = random.Next(1, 5);
    public WhenSpent WhenSpent { get; } = random.Next(3) == 0 ? WhenSpent.Skip : WhenSpent.Block;
    public double Killers { get; } = Rate(random, 0.1);
    public double Failers { get; } = Rate(random, 0.2);
    public double EngineOutages { get; } = Rate(random, 0.02);

    /// <summary>Commands a second and conversation, while faults strike.</summary>
    public double Commands { get; } = Rate(random, 0.2);

    /// <summary>Whether somebody releases what is parked in the end, or it stays.</summary>
    public bool Releases { get; } = random.Next(4) > 0;

    /// <summary>Requests that lie there for longer than the dispatcher waits, and are taken then.</summary>
    public double ChannelIsLate { get; } = Rate(random, 0.1);

    /// <summary>Whether a turn takes one message, or all that wait.</summary>
    public bool OneMessagePerTurn { get; } = random.Next(2) == 0;

    private static double Rate(Random random, double most) => random.Next(3) == 0 ? 0 : random.NextDouble() * most;
}

/// <summary>A promise was broken.</summary>
internal sealed class SimViolationException(string message) : Exception(message);
