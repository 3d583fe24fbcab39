using Confluent.Kafka;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Parley.Common.Kafka;
using Parley.Common.Records;

namespace Parley.Common.Streaming;

/// <summary>
/// The hosted consumer of one topic: a dedicated thread polls, records go into lanes, finished offsets are stored for the client to commit.
/// </summary>
/// <remarks>
/// <para>The poll thread never waits for a lane, except while partitions are taken away, and then for a bounded time.</para>
/// <para>Offsets are stored (<c>StoreOffset</c>), not committed: the client refuses to store for a partition that is no longer ours,
/// while it would commit for one. See docs/decisions.</para>
/// </remarks>
internal sealed partial class StreamConsumer(
    StreamSettings settings, KafkaOptions kafka, LaneRunner runner, StreamStatus status, TimeProvider time, ILogger log) : BackgroundService
{
    private static readonly TimeSpan StoreInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan RebuildDelay = TimeSpan.FromSeconds(2);

    /// <summary>How long an assignment waits to hear what the group has committed.</summary>
    private static readonly TimeSpan CommittedLimit = TimeSpan.FromSeconds(5);

    /// <summary>The partitions we own. Only the poll thread touches it (the client runs its callbacks there).</summary>
    private readonly Dictionary<int, PartitionProgress> _owned = [];

    /// <summary>Those of them in which the group has never committed anything.</summary>
    private readonly HashSet<int> _untouched = [];

    /// <summary>What the client holds paused. It goes on doing so when the partition goes and comes back, until it is told to resume.</summary>
    private readonly HashSet<int> _paused = [];
    private readonly IntakeGate _intake = new(settings.BufferHigh, settings.BufferedBytes, patience: TimeSpan.FromSeconds(5));
    private readonly TrimGate _trim = new(settings.BufferHigh, calm: TimeSpan.FromSeconds(2));
    private readonly HeaderCopies _copies = new();
    private Intake _intakeBefore;

    /// <summary>Where the newest record was taken from: the only partition whose span can have grown since the last look.</summary>
    private PartitionProgress? _delivered;
    private DateTimeOffset _storedAt;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Factory.StartNew(
        () => Run(stoppingToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Polls until stopped; a client that has failed for good is replaced.</summary>
    private void Run(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                Consume(stopping);
            }
            catch (KafkaException e)
            {
                // The old client is closed and its partitions are fenced; the new one starts from the committed offsets.
                LogConsumerFailed(e, settings.Topic, RebuildDelay);
                stopping.WaitHandle.WaitOne(RebuildDelay);
            }
        }
    }

    private void Consume(CancellationToken stopping)
    {
        using var consumer = Build();
        consumer.Subscribe(settings.Topic);
        try
        {
            while (!stopping.IsCancellationRequested) Poll(consumer, stopping);
            runner.Stop();
        }
        finally
        {
            // Leaves the group by way of OnRevoked, which drains and stores.
            consumer.Close();
            GiveUp(_owned.Keys.ToList());
            _paused.Clear();
        }
    }

    private void Poll(IConsumer<string?, byte[]?> consumer, CancellationToken stopping)
    {
        var load = runner.Load;
        var intake = _intake.Decide(load.Records, load.Bytes, time.GetUtcNow());
        SetPaused(consumer, intake, load.Records);
        if (_trim.Decide(load.Records, time.GetUtcNow())) _ = Task.Run(GiveMemoryBack, CancellationToken.None);

        ConsumeResult<string?, byte[]?>? result;
        try
        {
            result = consumer.Consume(intake == Intake.Read ? TimeSpan.FromMilliseconds(50) : TimeSpan.Zero);
        }
        catch (ConsumeException e) when (!e.Error.IsFatal)
        {
            LogConsumeError(settings.Topic, e.Error.Reason);
            result = null;
        }

        if (result is not null) Take(consumer, result);
        StoreOffsets(consumer);
        if (intake != Intake.Read && result is null) stopping.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(intake == Intake.Trickle ? 100 : 20));
        else if (intake == Intake.Trickle) stopping.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(100));
    }

    private static void GiveMemoryBack() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

    private void Take(IConsumer<string?, byte[]?> consumer, ConsumeResult<string?, byte[]?> result)
    {
        var partition = result.Partition.Value;
        if (!_owned.TryGetValue(partition, out var progress)) return;
        if (_untouched.Remove(partition) && TryTouch(consumer, partition, result.Offset.Value)) _owned[partition] = progress = new PartitionProgress(partition, -1);
        if (progress.IsBehind(result.Offset.Value))
        {
            // The log was cut or made anew: what we know of this partition no longer means anything.
            LogOffsetsWentBack(settings.Topic, partition, result.Offset.Value);
            progress.Fence();
            runner.DropGivenUp();
            _owned[partition] = progress = New(partition);
        }

        var written = result.Message.Timestamp.Type == TimestampType.NotAvailable ? (DateTimeOffset?)null : result.Message.Timestamp.UtcDateTime;
        _delivered = progress;
        runner.Add(progress, ToRecord(result.Message), result.Offset.Value, progress.MayHaveRun(result.Offset.Value, written));
    }

    /// <summary>
    /// Commits where the group begins in a partition, before anything of it runs. So a partition without a committed offset is one that no owner
    /// has begun on, and a topic that was full before the first start is not taken for what a dead owner left.
    /// </summary>
    private bool TryTouch(IConsumer<string?, byte[]?> consumer, int partition, long first)
    {
        try
        {
            consumer.Commit([new TopicPartitionOffset(settings.Topic, partition, first)]);
            return true;
        }
        catch (KafkaException e)
        {
            LogNotStored(settings.Topic, partition, first, e.Error.Reason);
            return false;
        }
    }

    private PartitionProgress New(int partition) => new(partition, -1, new Handover(time.GetUtcNow(), settings.MaxSpan));

    private void SetPaused(IConsumer<string?, byte[]?> consumer, Intake intake, int buffered)
    {
        // Asked for each record; nearly always nothing has changed.
        if (intake == _intakeBefore && intake != Intake.Paused && _paused.Count == 0 && !(_delivered?.Span >= settings.MaxSpan)) return;
        _intakeBefore = intake;

        List<TopicPartition>? pause = null, resume = null;
        foreach (var (partition, progress) in _owned)
        {
            var span = progress.Span;
            var isPaused = _paused.Contains(partition);
            var wanted = intake == Intake.Paused || span >= settings.MaxSpan || (isPaused && span > settings.MaxSpan / 2);
            if (wanted != isPaused) (wanted ? pause ??= [] : resume ??= []).Add(new TopicPartition(settings.Topic, partition));
        }

        if (pause is not null)
        {
            consumer.Pause(pause);
            _paused.UnionWith(Numbers(pause));
            LogPaused(settings.Topic, string.Join(',', Numbers(pause)), buffered);
        }

        if (resume is null) return;
        consumer.Resume(resume);
        _paused.ExceptWith(Numbers(resume));
        LogResumed(settings.Topic, string.Join(',', Numbers(resume)));
    }

    private static IEnumerable<int> Numbers(IEnumerable<TopicPartition> partitions) => partitions.Select(p => p.Partition.Value);

    private void StoreOffsets(IConsumer<string?, byte[]?> consumer)
    {
        var now = time.GetUtcNow();
        if (now - _storedAt < StoreInterval) return;
        _storedAt = now;
        foreach (var progress in _owned.Values) Store(consumer, progress);
    }

    private void Store(IConsumer<string?, byte[]?> consumer, PartitionProgress progress)
    {
        if (progress.TakeCommittable() is not { } offset) return;
        try
        {
            consumer.StoreOffset(new TopicPartitionOffset(settings.Topic, progress.Partition, offset));
        }
        catch (KafkaException e)
        {
            // The partition is not ours any more. What is not committed is read again by its owner and found in the store.
            LogNotStored(settings.Topic, progress.Partition, offset, e.Error.Reason);
        }
    }

    private void OnAssigned(IConsumer<string?, byte[]?> consumer, List<TopicPartition> partitions)
    {
        FindUntouched(consumer, partitions);
        foreach (var partition in partitions) _owned[partition.Partition.Value] = New(partition.Partition.Value);
        LogAssigned(settings.Topic, string.Join(',', partitions.Select(p => p.Partition.Value)));
        status.Joined();
    }

    private void FindUntouched(IConsumer<string?, byte[]?> consumer, List<TopicPartition> partitions)
    {
        _untouched.ExceptWith(Numbers(partitions));
        try
        {
            _untouched.UnionWith(Numbers(consumer.Committed(partitions, CommittedLimit).Where(o => o.Offset == Offset.Unset).Select(o => o.TopicPartition)));
        }
        catch (KafkaException e)
        {
            // Then each of them may have been begun on: dearer, and as safe.
            LogCommittedUnknown(settings.Topic, e.Error.Reason);
        }
    }

    /// <summary>The partitions are being taken away in good order: let what runs finish, store, let go. In this order: fencing first would throw finished work away.</summary>
    private void OnRevoked(IConsumer<string?, byte[]?> consumer, List<TopicPartitionOffset> partitions)
    {
        var leaving = partitions.Select(p => p.Partition.Value).Where(_owned.ContainsKey).Select(p => _owned[p]).ToList();
        var drained = Task.WhenAll(leaving.Select(p => p.DrainAsync()).ToList());
        runner.DropGivenUp();

        // The only wait on the poll thread. The client needs this callback to last as long as the partitions are in use.
        var inTime = drained.Wait(settings.DrainTime);
        foreach (var progress in leaving) Store(consumer, progress);
        GiveUp(leaving.Select(p => p.Partition));
        LogRevoked(settings.Topic, string.Join(',', leaving.Select(p => p.Partition)), inTime);
    }

    /// <summary>The partitions are somebody else's already: nothing may be stored.</summary>
    private void OnLost(List<TopicPartitionOffset> partitions)
    {
        GiveUp(partitions.Select(p => p.Partition.Value));
        LogLost(settings.Topic, string.Join(',', partitions.Select(p => p.Partition.Value)));
    }

    private void GiveUp(IEnumerable<int> partitions)
    {
        foreach (var partition in partitions)
        {
            if (_owned.Remove(partition, out var progress)) progress.Fence();
        }

        runner.DropGivenUp();
    }

    private IConsumer<string?, byte[]?> Build()
    {
        var config = kafka.Apply(new ConsumerConfig
        {
            GroupId = settings.Group,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnableAutoCommit = true,
            EnableAutoOffsetStore = false,
            AutoCommitIntervalMs = 500,
            MaxPollIntervalMs = (int)Math.Max(120_000, 3 * settings.DrainTime.TotalMilliseconds),
            QueuedMinMessages = 2_000,
            QueuedMaxMessagesKbytes = 8_192,
            FetchWaitMaxMs = 50,
            SocketNagleDisable = true,
            CheckCrcs = true,
            IsolationLevel = IsolationLevel.ReadCommitted,
            AllowAutoCreateTopics = false,
            ConsumeResultFields = "headers,timestamp",
        });

        // The client waits this long when its own queue is full; the default of a second would starve the permits.
        config.Set("fetch.queue.backoff.ms", "20");
        if (kafka.GroupProtocol == "consumer")
        {
            config.GroupProtocol = GroupProtocol.Consumer;
        }
        else
        {
            config.PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky;
            config.SessionTimeoutMs = (int)kafka.SessionTimeout.TotalMilliseconds;
            config.HeartbeatIntervalMs = (int)kafka.SessionTimeout.TotalMilliseconds / 3;
        }

        return new ConsumerBuilder<string?, byte[]?>(config)
            .SetKeyDeserializer(NullableText.Instance)
            .SetValueDeserializer(NullableBytes.Instance)
            .SetPartitionsAssignedHandler((consumer, partitions) => OnAssigned(consumer, partitions))
            .SetPartitionsRevokedHandler((consumer, partitions) => OnRevoked(consumer, partitions))
            .SetPartitionsLostHandler((_, partitions) => OnLost(partitions))
            .SetErrorHandler((_, error) => LogClientError(error.Code.ToString(), error.Reason))
            .SetLogHandler((_, message) => LogClient(message.Facility, message.Message))
            .Build();
    }

    private KafkaRecord ToRecord(Message<string?, byte[]?> message)
    {
        if (message.Headers is not { Count: > 0 } received) return new KafkaRecord(message.Key, message.Value, []);
        var headers = new KeyValuePair<string, byte[]>[received.Count];
        for (var i = 0; i < headers.Length; i++) headers[i] = _copies.Of(received[i].Key, received[i].GetValueBytes() ?? []);
        return new KafkaRecord(message.Key, message.Value, headers);
    }
}
