using System.Diagnostics;
using Parley.LoadTest.Arms;
using Parley.LoadTest.Brokers;

namespace Parley.LoadTest.Measuring;

/// <summary>Watches an arm work off a seeded topic, then reads what it wrote.</summary>
internal sealed class Drain(BenchBroker broker, string topic, SeededTopic seeded, string arm, RunPlan plan)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private const double WarmUp = 0.1;

    private readonly List<Sample> _samples = [];
    private long[] _before = [];
    private long[] _after = [];
    private bool _stoppedEarly;

    public string Topic => topic;

    /// <summary>A consumer group of its own for every run.</summary>
    public string Group { get; } = $"{arm}-{Guid.NewGuid():N}";

    public async Task BeginAsync()
    {
        using var ends = new Ends(broker.BootstrapServers, topic, seeded.Load.Partitions);
        _before = await ends.ReadAsync();
    }

    /// <summary>Until as many replies are there as messages, or the time is over.</summary>
    public async Task AwaitAsync(ArmSet arms, CancellationToken cancellation)
    {
        using var ends = new Ends(broker.BootstrapServers, topic, seeded.Load.Partitions);
        var clock = Stopwatch.StartNew();
        var said = TimeSpan.Zero;
        while (true)
        {
            _after = await ends.ReadAsync();
            var replies = (int)(_after.Sum() - _before.Sum());
            var brokerCpu = broker.ProcessId is { } id ? ProcessUse.Of([id]).Cpu : default;
            var use = arms.All.Aggregate(default(ProcessUse), (sum, a) => a.Use() is var one ? new(sum.Cpu + one.Cpu, sum.ResidentBytes + one.ResidentBytes) : sum);
            _samples.Add(new Sample(clock.Elapsed, replies, use.Cpu, use.ResidentBytes, brokerCpu, ProcessUse.Stolen()));
            if (plan.Meanwhile is { } meanwhile) await meanwhile(new RunState(arms, Group, clock.Elapsed, replies, use.ResidentBytes));
            if (replies >= seeded.ConversationOf.Length && await IsQuietAsync(ends, replies, cancellation)) return;
            if (clock.Elapsed > plan.Limit || plan.Enough())
            {
                _stoppedEarly = true;
                Bench.Say($"{arm}: stopped after {clock.Elapsed.TotalSeconds:F0} s");
                return;
            }

            if (arms.All.FirstOrDefault(a => a.HasExited) is { } ended && replies < seeded.ConversationOf.Length)
            {
                throw new BenchException($"{arm} ended by itself:\n{ended.Output}");
            }

            if (clock.Elapsed - said > TimeSpan.FromSeconds(2))
            {
                said = clock.Elapsed;
                Bench.Say($"  {arm}: {replies:N0} of {seeded.ConversationOf.Length:N0}, {RecentRate():N0}/s, {use.ResidentBytes >> 20} MiB");
            }

            await Task.Delay(Interval, cancellation);
        }
    }

    /// <summary>Reads the replies; call it when the arm is stopped.</summary>
    public async Task<(ArmRun Run, ReplyTally Tally)> EndAsync()
    {
        var tally = ReplyTally.Read(broker.BootstrapServers, topic, _before, _after, seeded);
        await broker.TruncateAsync(topic, _after);
        var first = _samples.FirstOrDefault(s => s.Replies >= seeded.ConversationOf.Length * WarmUp) ?? _samples[0];
        var last = _samples[^1];
        var counted = Math.Max(1, last.Replies - first.Replies);
        var run = new ArmRun
        {
            Arm = arm,
            Load = seeded.Load,
            Rate = tally.RateAfter(WarmUp),
            Bound = arm == ArmKind.Raw || double.IsInfinity(seeded.Bound) ? null : seeded.Bound,
            CpuMicroseconds = (last.Cpu - first.Cpu).TotalMicroseconds / counted,
            BrokerCpuMicroseconds = (last.BrokerCpu - first.BrokerCpu).TotalMicroseconds / counted,
            StolenShare = (last.Stolen - _samples[0].Stolen) / TimeSpan.FromTicks(Math.Max(1, (last.At - _samples[0].At).Ticks)) / Environment.ProcessorCount,
            PeakMebibytes = _samples.Max(s => s.ResidentBytes) / 1048576.0,
            Replies = tally.Answered,
            Missing = tally.Missing,
            DuplicateReplies = tally.DuplicateReplies,
            RepeatedRecords = tally.RepeatedRecords,
            OrderBreaks = tally.OrderBreaks,
            StoppedEarly = _stoppedEarly,
            RateOverTime = PerSecond(tally.Times),
            MemoryOverTime = [.. _samples.Select(s => (s.At.TotalSeconds, s.ResidentBytes / 1048576.0))],
        };
        Bench.Say($"{arm}: {run.Rate:N0}/s{(run.Efficiency is { } share ? $" ({share:F3} of the bound)" : "")}, {run.CpuMicroseconds:F0} µs CPU a message, "
            + $"{run.PeakMebibytes:F0} MiB; missing {run.Missing}, duplicates {run.DuplicateReplies}, repeated {run.RepeatedRecords}, order breaks {run.OrderBreaks}; {run.StolenShare:P1} of the processors stolen");
        return (run, tally);
    }

    // Records that come late, repeated ones above all, are to be counted too.
    private async Task<bool> IsQuietAsync(Ends ends, int replies, CancellationToken cancellation)
    {
        await Task.Delay(plan.Quiet, cancellation);
        _after = await ends.ReadAsync();
        if (_after.Sum() - _before.Sum() != replies) return false;
        return !plan.UntilCommitted || await GroupProgress.IsAtEndAsync(broker.BootstrapServers, Group, Parley.Common.Records.Topics.Inbound, seeded.Load.Partitions);
    }

    private double RecentRate()
    {
        var last = _samples[^1];
        var earlier = _samples.FindLast(s => last.At - s.At >= TimeSpan.FromSeconds(1)) ?? _samples[0];
        return (last.Replies - earlier.Replies) / Math.Max(0.001, (last.At - earlier.At).TotalSeconds);
    }

    private static List<(double, double)> PerSecond(long[] times)
    {
        if (times.Length == 0) return [];
        return [.. times.GroupBy(t => (t - times[0]) / 500).Select(g => (g.Key * 0.5, g.Count() * 2.0))];
    }

    private sealed record Sample(TimeSpan At, int Replies, TimeSpan Cpu, long ResidentBytes, TimeSpan BrokerCpu, TimeSpan Stolen);
}
