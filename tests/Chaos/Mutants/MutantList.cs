using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Parley.Chaos.Faults;
using Parley.Chaos.Hosts;
using Parley.Common.Tenants;
using Parley.Dispatcher.Channels;
using Parley.Ingest.Channels;

namespace Parley.Chaos.Mutants;

/// <summary>The mutants, each with the faults that are aimed at it.</summary>
internal static class MutantList
{
    private static readonly FaultMix Calm = new() { Required = [] };
    private static readonly FaultMix WorkerKills = new() { Kills = 4, Victims = new(1, 0, 0), Slow = 0.3 };
    private static readonly FaultMix SilentChannel = new() { AnswerLost = 0.03 };

    public static IReadOnlyList<Mutant> All { get; } =
    [
        new("commit-offset-first", "the offset is completed before the turn is", Role.Worker, b => LaneMutants.ReplaceInbound<CompletesFirst>(b), null, WorkerKills),
        new("dedupe-off", "no message is known to have been seen", Role.Worker, b => LaneMutants.ReplaceInbound<ForgetsIds>(b), null, Calm with { Duplicates = 0.3 }),
        new("redis-sole-dedupe", "only Redis knows what was seen: get, work, set", Role.Worker, b => LaneMutants.ReplaceInbound<AsksRedisOnly>(b), null,
            WorkerKills with { Duplicates = 0.3, Pace = 3, Disturbances = [FaultNames.RedisEmptied] }),
        new("lane-let-go-early", "the next turn starts before the last is committed", Role.Worker, b => LaneMutants.ReplaceInbound<LetsGoEarly>(b), null,
            Calm with { Slow = 0.5 }) { Shape = s => s with { Hot = 0.1 } },
        new("compare-and-set-off", "a commit that comes too late is written all the same", Role.Worker,
            b => StoreMutants.Replace(b, (_, store) => new OverwritesState(store)), null,
            new FaultMix { Pace = 2, Disturbances = [FaultNames.PauseWorker], Slow = 0.5, SlowUpTo = TimeSpan.FromSeconds(1) })
            { Shape = s => s with { Load = TimeSpan.FromSeconds(22) } },
        new("unknown-commit-believed", "a commit without an answer counts as done", Role.Worker,
            b => StoreMutants.Replace(b, (_, store) => new BelievesUnknown(store)), null, new FaultMix { CommitCuts = 1 }),
        new("failure-dropped", "a turn that fails is left out", Role.Worker, b => LaneMutants.ReplaceInbound<DropsFailures>(b), null, new FaultMix { CommitCuts = 1 }),
        new("cache-without-tenant", "a cache of states is keyed by the conversation alone", Role.Worker,
            b => StoreMutants.Replace(b, (_, store) => new CachesWithoutTenant(store)), null, Calm)
            { Shape = s => s with { ConversationsPerTenant = 10, Tenants = 24, Workers = 1 } },
        new("tenant-filter-dropped", "a message's id is looked up in every tenant", Role.Worker,
            b => StoreMutants.Replace(b, (services, store) => new SeesEveryTenant(store, services.GetRequiredService<TenantDirectory>())), null, Calm),
        new("random-key", "records are spread over the partitions at random", Role.Ingest, null,
            new Dictionary<string, string> { ["Kafka__Client__partitioner"] = "random" }, Calm with { Slow = 0.5 }),
        new("idempotence-off", "the producer may write a record twice", Role.Ingest, null,
            new Dictionary<string, string> { ["Kafka__Client__enable.idempotence"] = "false" }, new FaultMix { ProduceDrops = 0.3 }),
        new("answer-before-produce", "Ingest answers 200 before the broker has acknowledged", Role.Ingest,
            b => b.Services.AddSingleton<IStartupFilter, AnswersFirst>(), null, new FaultMix { Kills = 2, Victims = new(0, 1, 0), ProduceDrops = 0.3 })
            { Shape = s => s with { Rate = 200 } },
        new("signature-over-rewritten", "the signature is checked over parsed and rewritten JSON", Role.Ingest,
            b => ChannelMutants.Replace<IInboundChannel>(b, channel => new SignsRewrittenJson(channel)), null, Calm),
        new("silence-is-no", "a send without an answer is sent again", Role.Dispatcher,
            b => ChannelMutants.Replace<IOutboundChannel>(b, channel => new TakesSilenceForNo(channel)), null, SilentChannel),
        new("http-client-repeats", "the HTTP client repeats a call that broke off", Role.Dispatcher,
            b => ChannelMutants.Replace<IOutboundChannel>(b, channel => new RepeatsCalls(channel)), null, SilentChannel),
        new("claim-in-memory", "the attempt is not in the ledger before its bytes leave", Role.Dispatcher,
            b => StoreMutants.Replace(b, (_, store) => new ClaimsInMemory(store)), null, new FaultMix { Kills = 3, Victims = new(0, 0, 1), AnswerLost = 0.1, Statuses = false })
            { Shape = s => s with { Load = TimeSpan.FromSeconds(20), Dispatchers = 2 } },
        new("owner-ignored", "a dispatcher that was paused beyond its lease puts its reply back", Role.Dispatcher,
            b => StoreMutants.Replace(b, (_, store) => new IgnoresOwners(store)), null, new FaultMix { Pace = 3, Disturbances = [FaultNames.PauseDispatcher] })
            { Shape = s => s with { Load = TimeSpan.FromSeconds(30), Drain = TimeSpan.FromSeconds(30), Dispatchers = 2 } },
        new("order-gate-off", "a reply does not wait for the one before it", Role.Dispatcher, b => LaneMutants.ReplaceOutbound<DoesNotWait>(b), null,
            Calm with { Refused = 0.05 }),
    ];

    /// <summary>A few that are quick and break different invariants, for every build.</summary>
    public static IReadOnlyList<Mutant> Gate { get; } = [Find("dedupe-off"), Find("lane-let-go-early"), Find("silence-is-no"), Find("unknown-commit-believed")];

    public static Mutant Find(string name) => All.FirstOrDefault(m => m.Name == name)
        ?? throw new ArgumentException($"no mutant '{name}'; there are: {string.Join(", ", All.Select(m => m.Name))}", nameof(name));
}
