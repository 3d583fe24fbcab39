using Parley.Common.Stores;
using Parley.Dispatcher.Sending;

namespace Parley.Unit.Dispatcher;

/// <summary>One reply in a small world of dispatchers that die, a channel that is not to be trusted and a clock; all choices come from the seed.</summary>
internal sealed class LedgerWorld(int seed, SendRules rules)
{
    private readonly Random _random = new(seed);
    private readonly List<Dispatcher> _dispatchers = [];
    private readonly int[] _accepted = new int[rules.Parts];
    private readonly Queue<(DateTimeOffset At, int Part)> _statuses = new();
    private DateTimeOffset _now = LedgerCases.Now;

    public LedgerEntry Row { get; private set; } = LedgerCases.Row(LedgerState.Pending);
    public int Steps { get; private set; }
    public int Resends { get; private set; }

    /// <summary>How often the channel took each part that it took at all.</summary>
    public IReadOnlyList<int> Accepted => [.. _accepted.Where(count => count > 0)];

    public bool AllPartsTaken => _accepted.All(count => count > 0);

    private bool Ended => Row.State is LedgerState.Sent or LedgerState.Failed or LedgerState.Unknown;

    public void Run()
    {
        // Ends when nothing is under way any more: what a zombie does after the end must do no harm either.
        for (; Steps < 5_000 && (!Ended || _dispatchers.Count > 0); Steps++) Step();
    }

    private void Step()
    {
        _now += TimeSpan.FromSeconds(_random.Next(4) == 0 ? _random.Next(120) : _random.NextDouble());
        while (_statuses.TryPeek(out var status) && status.At <= _now)
        {
            _statuses.Dequeue();
            if (status.Part == rules.Parts - 1 && Row.State is not (LedgerState.Sent or LedgerState.Failed)) Row = Row with { State = LedgerState.Sent, ProviderMessageId = "by status" };
        }

        if (_dispatchers.Count < 2 && !Ended) _dispatchers.Add(new Dispatcher($"d{Steps}"));
        if (_dispatchers.Count == 0) return;

        var dispatcher = _dispatchers[_random.Next(_dispatchers.Count)];
        if (_random.Next(12) == 0 || !Continue(dispatcher)) _dispatchers.Remove(dispatcher);
    }

    /// <summary>One step of a dispatcher, with an arbitrary pause before it. False when it has nothing more to do.</summary>
    private bool Continue(Dispatcher me)
    {
        if (me.Result is { } result)
        {
            var next = ReplyLedger.Settle(me.Attempt!, result, LedgerCases.Created, _now, rules);
            if (!TryWrite(me.Attempt!, next) && ReplyLedger.SettleLate(Row, me.Attempt!, result, rules) is { } late) TryWrite(Row, late);
            (me.Attempt, me.Result) = (null, null);
            return true;
        }

        if (me.Attempt is not null)
        {
            me.Result = me.Attempt.Deadline - _now < TimeSpan.FromSeconds(10) ? new SendResult.Refused("its time was over") : Send(me.Attempt.PartsSent);
            return true;
        }

        // What was read may be old by the time it is acted upon.
        if (me.Seen is not { } seen)
        {
            me.Seen = Row;
            return true;
        }

        me.Seen = null;
        switch (ReplyLedger.Decide(seen, LedgerCases.Created, _now, me.Name, rules))
        {
            case LedgerStep.Send(var attempt, _):
                if (TryWrite(seen, attempt)) me.Attempt = attempt;
                return true;
            case LedgerStep.Write(var next, var resend):
                if (TryWrite(seen, next) && resend) Resends++;
                return true;
            default:
                // Waiting, or done: another look comes later, by whoever is there then.
                return false;
        }
    }

    private bool TryWrite(LedgerEntry expected, LedgerEntry next)
    {
        if ((Row.State, Row.Attempt, Row.Owner) != (expected.State, expected.Attempt, expected.Owner)) return false;
        Row = next;
        return true;
    }

    private SendResult Send(int part)
    {
        switch (_random.Next(8))
        {
            case 0: return new SendResult.Refused("rate");
            case 1: return new SendResult.InDoubt("lost on the way there");
            case 2 when _random.Next(4) == 0: return new SendResult.Rejected("131047");
            case 3: return new SendResult.AccountBlocked("190");
        }

        _accepted[part]++;
        if (rules.StatusSettles && _random.Next(3) > 0) _statuses.Enqueue((_now + TimeSpan.FromSeconds(_random.Next(90)), part));
        return _random.Next(3) == 0 ? new SendResult.InDoubt("the answer was lost") : new SendResult.Sent("by answer");
    }

    private sealed class Dispatcher(string name)
    {
        public string Name { get; } = name;
        public LedgerEntry? Seen { get; set; }
        public LedgerEntry? Attempt { get; set; }
        public SendResult? Result { get; set; }
    }
}
