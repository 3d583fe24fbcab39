using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Parley.Common.Backplane;
using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Streaming;
using Parley.Dispatcher;
using Parley.Dispatcher.Sending;
using Parley.Processor;
using Parley.Processor.Inbound;

namespace Parley.Chaos.Mutants;

/// <summary>Lane handlers with a mistake around the real one.</summary>
internal static class LaneMutants
{
    /// <summary>Replaces the consumer of a host by one with the same settings and another handler.</summary>
    public static void ReplaceInbound<T>(IHostApplicationBuilder builder) where T : class, ILaneHandler =>
        Replace<T>(builder, ProcessorExtensions.Settings, "inbound");

    public static void ReplaceOutbound<T>(IHostApplicationBuilder builder) where T : class, ILaneHandler
    {
        // The sweep stays: only the consumer, which was registered before it, is replaced.
        var sweep = builder.Services.Last(s => s.ServiceType == typeof(IHostedService));
        builder.Services.Remove(sweep);
        Replace<T>(builder, DispatcherExtensions.Settings, "outbound");
        builder.Services.Add(sweep);
    }

    private static void Replace<T>(IHostApplicationBuilder builder, Func<IServiceProvider, StreamSettings> settings, string name) where T : class, ILaneHandler
    {
        builder.Services.Remove(builder.Services.Last(s => s.ServiceType == typeof(IHostedService)));
        // The real consumer never joins, so its health check would never be content.
        builder.Services.Configure<HealthCheckServiceOptions>(o => o.Registrations.Remove(o.Registrations.First(r => r.Name == $"consumer-{name}")));
        builder.AddStream<T>(settings, name + "-broken");
    }

    /// <summary>A run of the same lane with one record only.</summary>
    public static LaneRun Alone(LaneRun run, LaneRecord record) => With(run, [record]);

    /// <summary>A run of the same lane with other records. Runs are made by their runner alone, so this reaches into one.</summary>
    public static LaneRun With(LaneRun run, IReadOnlyList<LaneRecord> records)
    {
        var made = new LaneRun(RunnerOf(run), LaneOf(run), records[0], TakenOf(run));
        RecordsOf(made) = records;
        return made;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_runner")]
    private static extern ref LaneRunner RunnerOf(LaneRun run);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_lane")]
    private static extern ref Lane LaneOf(LaneRun run);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_taken")]
    private static extern ref QueuedRecord[] TakenOf(LaneRun run);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_records")]
    private static extern ref IReadOnlyList<LaneRecord>? RecordsOf(LaneRun run);
}

/// <summary>The offset is done before the work is: a crash in between loses it.</summary>
internal sealed class CompletesFirst(InboundHandler inner) : ILaneHandler
{
    private readonly ConcurrentDictionary<ConversationKey, Task> _tails = new();

    public Task<LaneResult> RunAsync(LaneRun run, CancellationToken cancellation)
    {
        var records = run.Records.ToList();
        _tails.AddOrUpdate(run.Key, _ => WorkAsync(Task.CompletedTask), (_, tail) => WorkAsync(tail));
        return Task.FromResult(LaneResult.Done(records.Count));

        async Task WorkAsync(Task before)
        {
            await before;
            foreach (var record in records)
            {
                while ((await inner.RunAsync(LaneMutants.Alone(run, record), CancellationToken.None)) is { Completed: 0, DeadLetter: null }) await Task.Delay(200, CancellationToken.None);
            }
        }
    }
}

/// <summary>Every record is a new message: nobody knows it has been seen.</summary>
internal sealed class ForgetsIds(InboundHandler inner) : ILaneHandler
{
    public Task<LaneResult> RunAsync(LaneRun run, CancellationToken cancellation) =>
        inner.RunAsync(LaneMutants.With(run, [.. run.Records.Select(Renamed)]), cancellation);

    public static LaneRecord Renamed(LaneRecord record) => record.Decoded is DecodedRecord.OfMessage(var message)
        ? record with { Decoded = new DecodedRecord.OfMessage(message with { MessageId = $"{message.MessageId}@{record.Partition}/{record.Offset}" }) }
        : record;
}

/// <summary>Redis alone says what has been seen: asked first, told afterwards.</summary>
internal sealed class AsksRedisOnly(InboundHandler inner, IBackplane redis) : ILaneHandler
{
    public async Task<LaneResult> RunAsync(LaneRun run, CancellationToken cancellation)
    {
        var head = run.Records[0];
        if (head.Decoded is not DecodedRecord.OfMessage(var message)) return await inner.RunAsync(run, cancellation);

        var key = BackplaneKeys.Of("seen", message.Tenant, message.Account, message.MessageId);
        if (await redis.GetAsync(key) is not null) return LaneResult.Done(1);
        var result = await inner.RunAsync(LaneMutants.Alone(run, ForgetsIds.Renamed(head)), cancellation);
        if (result.Completed > 0) await redis.SetAsync(key, "1", TimeSpan.FromDays(7));
        return result;
    }
}

/// <summary>The conversation is let go before its commit: the records that wait run side by side.</summary>
internal sealed class LetsGoEarly(InboundHandler inner) : ILaneHandler
{

    public async Task<LaneResult> RunAsync(LaneRun run, CancellationToken cancellation)
    {
        var all = run.Records.Reverse().Select(r => inner.RunAsync(LaneMutants.Alone(run, r), cancellation)).Reverse().ToList();
        await Task.WhenAll(all);
        foreach (var one in all)
        {
            var result = await one;
            if (result.Completed == 0) return result;
        }

        return LaneResult.Done(run.Records.Count);
    }
}

/// <summary>What fails is left out: a turn that should be tried again is done.</summary>
internal sealed class DropsFailures(InboundHandler inner) : ILaneHandler
{
    public async Task<LaneResult> RunAsync(LaneRun run, CancellationToken cancellation)
    {
        var result = await inner.RunAsync(LaneMutants.Alone(run, run.Records[0]), cancellation);
        return result is { Completed: 0, DeadLetter: null } ? LaneResult.Done(1) : result;
    }
}

/// <summary>Reply n + 1 does not wait for the result of reply n.</summary>
internal sealed class DoesNotWait(ReplyHandler inner) : ILaneHandler
{
    private readonly ConcurrentDictionary<string, bool> _begun = new();

    public Task<LaneResult> RunAsync(LaneRun run, CancellationToken cancellation)
    {
        foreach (var record in run.Records)
        {
            if (record.Decoded is DecodedRecord.OfReply(var reply) && _begun.TryAdd(reply.ReplyId, true)) _ = SendAsync(run, record);
        }

        return Task.FromResult(LaneResult.Done(run.Records.Count));
    }

    private async Task SendAsync(LaneRun run, LaneRecord record)
    {
        while ((await inner.RunAsync(LaneMutants.Alone(run, record), CancellationToken.None)) is { Completed: 0, RetryAfter: var wait })
        {
            await Task.Delay(wait ?? TimeSpan.FromMilliseconds(100));
        }
    }
}
