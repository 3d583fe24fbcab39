using System.Diagnostics;
using Confluent.Kafka;
using Parley.Common.Records;
using Parley.LoadTest.Arms;
using Parley.LoadTest.Brokers;

namespace Parley.LoadTest.Measuring;

/// <summary>
/// Writes records at the times they were meant for, whether or not anybody keeps up. A latency counts from the intended time, so that a
/// stall is felt by everything that should have been sent during it.
/// </summary>
internal sealed class OpenLoop(SeededTopic seeded, string bootstrapServers, double lingerMs = Clients.LingerMs)
{
    private readonly double[] _intended = new double[seeded.ConversationOf.Length];
    private readonly long[] _intendedTicks = new long[seeded.ConversationOf.Length];
    private int _written;

    /// <summary>Records written so far.</summary>
    public int Written => Volatile.Read(ref _written);

    /// <summary>When a record was to be written, as a timestamp of <see cref="Stopwatch"/>.</summary>
    public long IntendedAt(int number) => _intendedTicks[number];

    /// <summary>In milliseconds; infinite for a message without a reply.</summary>
    public double LatencyOf(ReplyTally tally, int number) => tally.FirstAt[number] > 0 ? tally.FirstAt[number] - _intended[number] : double.PositiveInfinity;

    /// <summary>Latencies in milliseconds of the messages that satisfy the condition, in order of size; infinite for those without a reply.</summary>
    public double[] Latencies(ReplyTally tally, Func<int, bool> condition) =>
        [.. Enumerable.Range(0, Written).Where(condition).Select(n => LatencyOf(tally, n)).Order()];

    /// <summary>Writes on a thread of its own until all is written or the rate, asked before each record, is 0.</summary>
    /// <param name="rate">Records a second, now.</param>
    public Task WriteAsync(Func<double> rate, CancellationToken cancellation) =>
        Task.Factory.StartNew(() => Write(rate, cancellation), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void Write(Func<double> rate, CancellationToken cancellation)
    {
        using var producer = new ProducerBuilder<string, byte[]>(new ProducerConfig
        {
            BootstrapServers = bootstrapServers, EnableIdempotence = true, LingerMs = lingerMs, Partitioner = Partitioner.Murmur2Random,
            DeliveryReportFields = "none", QueueBufferingMaxMessages = 200_000, SocketNagleDisable = true,
        }).Build();
        var epoch = (DateTime.UtcNow - DateTime.UnixEpoch).TotalMilliseconds;
        var started = Stopwatch.GetTimestamp();
        var due = 0.0;
        for (var number = 0; number < _intended.Length; number++)
        {
            if (rate() is not (> 0 and var perSecond)) break;
            due += 1000 / perSecond;
            while (Stopwatch.GetElapsedTime(started).TotalMilliseconds < due)
            {
                cancellation.ThrowIfCancellationRequested();
                Park.Sleep();
            }

            _intended[number] = epoch + due;
            _intendedTicks[number] = started + (long)(due * Stopwatch.Frequency / 1000);
            seeded.Produce(producer, Topics.Inbound, number, static report =>
            {
                if (report.Error.IsError) throw new InvalidOperationException($"a record was not acknowledged: {report.Error.Reason}");
            });
            Volatile.Write(ref _written, number + 1);
        }

        producer.Flush(TimeSpan.FromSeconds(30));
    }
}
