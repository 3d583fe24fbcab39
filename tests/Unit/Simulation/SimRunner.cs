using System.Globalization;
using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Stores;
using Parley.TestKit;

namespace Parley.Unit.Simulation;

/// <summary>One world from its seed to its end: messages come in while faults strike; then the faults stop and everything that was accepted must come to its end.</summary>
internal static class SimRunner
{
    private static readonly TimeSpan FaultyPhase = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Patience = TimeSpan.FromHours(2);

    public static SimWorld Run(int seed)
    {
        var world = new SimWorld(seed);
        var processor = new SimProcessor(world);
        world.Inbound.IsSettled = record => record is ConversationCommand command
            ? processor.Handled.Contains(command.CommandId)
            : world.Store.FindSeen([((InboundMessage)record).Identity]) is [var seen] && IsTold(world, (InboundMessage)record, seen.Facts);
        world.Outbound.IsSettled = record => world.Store.FindReply(((Reply)record).ReplyId)!.State is not LedgerState.Pending;

        var dispatcher = new SimDispatcher(world);
        var processes = new List<SimProcess>();
        for (var i = 0; i < world.Knobs.Processors; i++) processes.Add(new SimProcess(world, world.Inbound, processor.Handle));
        for (var i = 0; i < world.Knobs.Dispatchers; i++) processes.Add(new SimProcess(world, world.Outbound, dispatcher.Handle));
        Every(world, 15_000, dispatcher.Sweep);
        Every(world, 500, () => Strike(world, processes));
        Every(world, 1_000, () => Command(world));
        var accepted = Produce(world);

        world.Run(world.Now + FaultyPhase);
        world.Faulty = false;
        world.Run(world.Now + Patience, () => IsDone(world, accepted, processes));
        CheckEnd(world, accepted, processes);
        return world;
    }

    private static List<InboundMessage> Produce(SimWorld world)
    {
        var random = world.Fork("producer");
        var accepted = new List<InboundMessage>();
        for (var i = 0; i < world.Knobs.Messages; i++)
        {
            var message = Messages.Text("?", $"user-{random.Next(world.Knobs.Conversations)}", string.Create(CultureInfo.InvariantCulture, $"m{i}"));
            accepted.Add(message);
            if (random.NextDouble() < world.Knobs.Killers) world.Engine.Poisons[message.MessageId] = new Poison(Kills: true);
            else if (random.NextDouble() < world.Knobs.Failers) world.Engine.Poisons[message.MessageId] = new Poison(Kills: false, random.Next(2) == 0 ? int.MaxValue : random.Next(1, 8));
            var at = random.Next(50_000);
            world.After(TimeSpan.FromMilliseconds(at), () => world.Inbound.Append(message.Key, message));
            if (random.NextDouble() < world.Knobs.DuplicateMessages) world.After(TimeSpan.FromMilliseconds(at + random.Next(8_000)), () => world.Inbound.Append(message.Key, message));
        }

        return accepted;
    }

    private static void Strike(SimWorld world, List<SimProcess> processes)
    {
        foreach (var process in processes)
        {
            if (world.Strikes(world.Knobs.Pauses, "strike: pause")) process.Present.Pause();
            if (world.Strikes(world.Knobs.Crashes, "strike: crash")) process.Crash();
        }

        if (world.Strikes(world.Knobs.EngineOutages, "strike: engine away")) world.Engine.AwayUntil = world.Now + TimeSpan.FromMilliseconds(world.Random.Next(40_000));
        if (world.Strikes(world.Knobs.Rebalances, "strike: rebalance")) world.Inbound.Rebalance();
        if (world.Strikes(world.Knobs.Rebalances, "strike: rebalance")) world.Outbound.Rebalance();
    }

    /// <summary>Somebody gives commands: at random while faults strike, and in the end until nothing is parked.</summary>
    private static void Command(SimWorld world)
    {
        if (world.Faulty)
        {
            for (var user = 0; user < world.Knobs.Conversations; user++)
            {
                if (world.Strikes(world.Knobs.Commands / 5, "command")) Send(world, Messages.Text("?", $"user-{user}").Key, delivered: world.Random.Next(1, 3));
            }
        }
        else if (world.Knobs.Releases && world.Inbound.IsConsumed)
        {
            foreach (var key in world.Store.Parked.ToList()) Send(world, key, delivered: 1);
        }
    }

    private static void Send(SimWorld world, ConversationKey key, int delivered)
    {
        var command = new ConversationCommand
        {
            Tenant = key.Tenant, ConversationId = key.ConversationId, CommandId = $"{world.Random.Next()}", Command = world.Random.Next(2) == 0 ? CommandNames.Redrive : CommandNames.Skip,
        };
        for (var i = 0; i < delivered; i++) world.Inbound.Append(key, command);
    }

    private static bool IsDone(SimWorld world, List<InboundMessage> accepted, List<SimProcess> processes) =>
        accepted.TrueForAll(m => world.Store.HasSeen(m.Identity))
        && (!world.Knobs.Releases || !world.Store.Parked.Any())
        && world.Store.Replies.All(r => r.Entry.State is LedgerState.Sent or LedgerState.Failed or LedgerState.Unknown)
        && world.Inbound.IsConsumed && world.Outbound.IsConsumed && processes.TrueForAll(p => p.Present.IsIdle);

    /// <summary>Whether other systems know of it. What was parked is told when it is released: once, perhaps never if the process dies just then.</summary>
    private static bool IsTold(SimWorld world, InboundMessage message, TurnFacts facts) =>
        facts.Parked || world.Store.EpisodeOf(message.MessageId) > 0 || world.Told.Contains(DerivedId.Of("event", EventNames.MessageProcessed, message.Tenant, message.ConversationId, message.MessageId));

    private static void CheckEnd(SimWorld world, List<InboundMessage> accepted, List<SimProcess> processes)
    {
        foreach (var message in accepted) world.Check(world.Store.HasSeen(message.Identity), $"message {message.MessageId} was lost");
        world.Check(!world.Knobs.Releases || !world.Store.Parked.Any(), "a conversation stays parked though somebody releases it");
        foreach (var turn in world.Store.Turns.Where(t => !t.Facts.Parked))
        {
            foreach (var message in turn.Messages) world.Check(IsTold(world, message.Message, turn.Facts), $"nobody was told of message {message.Message.MessageId}");
        }

        world.Check(world.Store.Turns.SelectMany(t => t.Messages).Count() == accepted.Count, "a message is in two turns");
        world.Check(world.Inbound.IsConsumed && world.Outbound.IsConsumed, "records were left unfinished");
        world.Check(processes.TrueForAll(p => p.Present.IsIdle), "a lane was left behind");
        foreach (var (reply, entry) in world.Store.Replies)
        {
            var taken = world.Channel.Taken.Count(r => r.ReplyId == reply.ReplyId);
            world.Check(entry.State is LedgerState.Sent or LedgerState.Unknown or LedgerState.Failed, $"reply {reply.ReplyId} stays {entry.State}");
            world.Check(entry.State != LedgerState.Sent || taken == 1, $"reply {reply.ReplyId} counts as sent and was taken {taken} times");
            world.Check(entry.State != LedgerState.Failed || taken == 0, $"reply {reply.ReplyId} counts as failed and was taken");
        }

        foreach (var conversation in world.Store.Turns.GroupBy(t => t.Key)) CheckConversation(world, conversation.Key, [.. conversation]);
    }

    private static void CheckConversation(SimWorld world, ConversationKey key, List<TurnCommit> turns)
    {
        string? chain = null;
        foreach (var turn in turns.Where(t => !t.Facts.Fallback && !t.Facts.Parked))
        {
            chain = SimEngine.Chain(chain, turn.Messages.Select(m => m.Message.MessageId).Concat(turn.Released.Select(r => r.Message.MessageId)));
        }

        world.Check(world.Store.StateOf(key)!.Context?.GetProperty("chain").GetString() == chain, $"{key}: the chain of contexts is broken");

        var order = turns.SelectMany(t => t.Messages).Select(m => m.Message.MessageId).ToList();
        var arrived = world.Inbound.All.Where(r => r.Record is InboundMessage m && m.Key == key).OrderBy(r => r.Offset).Select(r => ((InboundMessage)r.Record).MessageId).Distinct().ToList();
        world.Check(order.SequenceEqual(arrived), $"{key}: handled {string.Join(' ', order)}, arrived {string.Join(' ', arrived)}");
    }

    private static void Every(SimWorld world, int milliseconds, Action action) => world.After(TimeSpan.FromMilliseconds(milliseconds), () =>
    {
        action();
        Every(world, milliseconds, action);
    });
}
