using Parley.Common.Records;
using Parley.Dispatcher.Sending;

namespace Parley.Unit.Simulation;

/// <summary>A channel that remembers what it took before it misbehaves: it refuses, or takes a message and drops the answer, and tells by a status, late or never.</summary>
internal sealed class SimChannel(SimWorld world)
{
    private readonly Dictionary<string, long> _lastSeq = [];

    /// <summary>Replies in the order they were taken.</summary>
    public List<Reply> Taken { get; } = [];

    /// <summary>What a dispatcher hears of a send. Its request may still be on its way then: it is taken at any time until the lease is over.</summary>
    public SendResult Send(Reply reply, TimeSpan lease)
    {
        if (world.Strikes(world.Knobs.ChannelRefuses, "channel refused")) return new SendResult.Refused("struck");
        if (world.Strikes(world.Knobs.ChannelIsLate, "channel took it after the dispatcher had given up"))
        {
            world.Soon((int)lease.TotalMilliseconds, () => Take(reply));
            return new SendResult.InDoubt("no answer in time");
        }

        Take(reply);
        if (!world.Strikes(world.Knobs.ChannelTakesAndDrops, "channel took it and dropped the answer")) return new SendResult.Sent("wamid." + reply.ReplyId);

        if (world.Random.Next(2) == 0)
        {
            world.Count("a status settled a send in doubt");
            world.Soon(30_000, () => world.Store.Settle(reply.ReplyId, "wamid." + reply.ReplyId));
        }

        return new SendResult.InDoubt("connection lost");
    }

    private void Take(Reply reply)
    {
        world.Check(!Taken.Exists(r => r.ReplyId == reply.ReplyId), $"reply {reply.ReplyId} was sent twice");
        world.Check(reply.Seq > _lastSeq.GetValueOrDefault(reply.ConversationId), $"reply {reply.Seq} of {reply.ConversationId} left after {_lastSeq.GetValueOrDefault(reply.ConversationId)}");
        _lastSeq[reply.ConversationId] = reply.Seq;
        Taken.Add(reply);
    }
}
