using System.Globalization;
using System.Text;
using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Common.Stores;
using Parley.TestKit;

namespace Parley.Unit.SmallScope;

/// <summary>
/// Two topics of one partition, two processors, two dispatchers, a store and a channel, at one point of a path. <see cref="Steps"/> says what may
/// happen next; each step is done to a copy. The machines inside are the real ones.
/// </summary>
internal sealed class SmallWorld
{
    /// <summary>Longer than a lease, shorter than the time in which a status may settle a doubt: what happens in between must be met too.</summary>
    private static readonly TimeSpan AWhile = TimeSpan.FromSeconds(35);

    private int _attempts;

    public SmallWorld(Scope scope)
    {
        (Scope, Part) = (scope, scope.Part == Part.Whole ? Part.Whole : Part.Answering);
        (Inbound, Outbound, Store, Taken, Late, FaultsLeft) = (new SmallTopic(), new SmallTopic(), new SmallStore(scope.Broken), [], [], scope.Faults);
        (Processors, Dispatchers) = ([new(), new()], [new(), new()]);
        for (var i = 0; i < scope.Messages.Count; i++) Inbound.Log.Add(Messages.Text("?", $"user-{scope.Messages[i]}", string.Create(CultureInfo.InvariantCulture, $"m{i}")));
        Processors[0].Consumer.Assign(0);
        Dispatchers[0].Consumer.Assign(0);
        if (scope.PerRun == 1) PollAll(isInbound: true, 0);
        if (scope.Part == Part.Sending) AnswerAll();
    }

    private SmallWorld(SmallWorld other)
    {
        (Scope, Now, FaultsLeft, Part, _attempts) = (other.Scope, other.Now, other.FaultsLeft, other.Part, other._attempts);
        (Inbound, Outbound, Store, Taken, Late) = (other.Inbound.Copy(), other.Outbound.Copy(), other.Store.Copy(), [.. other.Taken], [.. other.Late]);
        Processors = [other.Processors[0].Copy(), other.Processors[1].Copy()];
        Dispatchers = [other.Dispatchers[0].Copy(), other.Dispatchers[1].Copy()];
    }

    public Scope Scope { get; }
    public SmallTopic Inbound { get; }
    public SmallTopic Outbound { get; }
    public SmallStore Store { get; }
    public SmallProcess[] Processors { get; }
    public SmallProcess[] Dispatchers { get; }

    /// <summary>Replies in the order the channel took them.</summary>
    public List<Reply> Taken { get; }

    /// <summary>Requests that their senders gave up and the channel will take before their lease is over.</summary>
    public List<Reply> Late { get; }

    public DateTimeOffset Now { get; private set; } = SmallTurn.Now;
    public int FaultsLeft { get; private set; }

    private Part Part { get; set; }

    public SmallWorld Copy() => new(this);

    /// <summary>Everything that may happen next.</summary>
    public List<SmallStep> Steps()
    {
        var steps = new List<SmallStep>();
        if (Part != Part.Sending) StepsOf(steps, isInbound: true, "processor", (who, key, run) => SmallProcessor.Steps(this, who, key, (SmallProcessor.Answering)run));
        if (Part != Part.Answering)
        {
            StepsOf(steps, isInbound: false, "dispatcher", (who, key, run) => SmallDispatcher.Steps(this, who, key, run));
            steps.AddRange(SmallDispatcher.StepsOfOthers(this));
        }

        foreach (var reply in Late) steps.Add(new($"the channel takes {SmallDispatcher.Name(reply)} late", StepKind.Free, w => w.TakeLate(reply)));
        if (FaultsLeft > 0)
        {
            if (Part != Part.Sending) Again(steps, Inbound, m => ((InboundMessage)m).MessageId, w => w.Inbound);
            if (Part != Part.Answering) Again(steps, Outbound, r => SmallDispatcher.Name((Reply)r), w => w.Outbound);
        }

        // Time goes on when nothing else does; that it goes on before is a fault, somebody's pause.
        // A request that lies in the channel is taken before.
        if (IsAnythingUnderWay() && Late.Count == 0) steps.Add(new("time passes", steps.Exists(s => s.Kind == StepKind.Free) ? StepKind.Fault : StepKind.Free, w => w.Now += AWhile));
        if (FaultsLeft == 0) steps.RemoveAll(s => s.Kind == StepKind.Fault);
        return steps;
    }

    public SmallWorld After(SmallStep step)
    {
        var next = Copy();
        if (step.Kind == StepKind.Fault) next.FaultsLeft--;
        step.Do(next);
        next.PollAll();
        next.Forget();
        next.CheckOffsets(next.Inbound, next.Processors);
        next.CheckOffsets(next.Outbound, next.Dispatchers);
        next.CheckRows();
        return next;
    }

    /// <summary>What must hold when nothing happens any more by itself.</summary>
    public void CheckEnd()
    {
        foreach (var message in Inbound.Log.Cast<InboundMessage>()) Check(Store.TurnOf(message.Identity) is not null, $"{message.MessageId} was never answered");
        if (Part != Part.Sending) CheckConsumed(Inbound, Processors, "inbound");
        if (Part == Part.Answering) return;
        CheckConsumed(Outbound, Dispatchers, "outbound");
        foreach (var reply in Store.Replies)
        {
            var row = Store.Row(reply.ReplyId);
            Check(row.State is LedgerState.Sent or LedgerState.Failed or LedgerState.Unknown, $"{SmallDispatcher.Name(reply)} stays {row.State}");
        }
    }

    public void Pump(SmallProcess process) => process.Pump(
        // What an earlier owner may have begun runs by itself.
        Processors.Contains(process) && process.MayHaveRunBefore == 0 ? Scope.PerRun : 1,
        (key, offsets) => Processors.Contains(process) ? SmallProcessor.Begin(this, key, offsets, offsets[0] < process.MayHaveRunBefore, $"a{_attempts++}") : SmallDispatcher.Begin(this, offsets));

    public void End(SmallProcess process, ConversationKey key, int completed)
    {
        process.Runs.Remove(key);
        process.Consumer.Finish(key, completed);
        if (!IsOwner(process) && !process.LearnsLate && process.Consumer.IsAssigned) process.Consumer.Fence();
        Pump(process);
    }

    public void Take(Reply reply)
    {
        Check(!Taken.Exists(r => r.ReplyId == reply.ReplyId), $"{SmallDispatcher.Name(reply)} was sent twice");
        Check(!Taken.Exists(r => r.Key == reply.Key && r.Seq >= reply.Seq), $"{SmallDispatcher.Name(reply)} left after a later one");
        Taken.Add(reply);
    }

    private void TakeLate(Reply reply)
    {
        Late.Remove(reply);
        Take(reply);
    }

    /// <summary>A conversation's messages are answered in the order they came.</summary>
    public void CheckOrder(ConversationKey key)
    {
        var answered = Store.Turns.Where(t => t.Key == key).SelectMany(t => t.Messages).Select(m => m.Message.MessageId).ToList();
        var came = Inbound.Log.Cast<InboundMessage>().Where(m => m.Key == key).Select(m => m.MessageId).Distinct().Take(answered.Count);
        Check(answered.SequenceEqual(came), $"answered {string.Join(' ', answered)}");
    }

    /// <summary>The same for two worlds with the same future.</summary>
    public string Print()
    {
        var print = new StringBuilder();
        print.AppendJoin(' ', Inbound.Log.Skip(Scope.Messages.Count).Select(m => ((InboundMessage)m).MessageId)).Append(CultureInfo.InvariantCulture, $"|{Inbound.Committed}|");
        print.AppendJoin(' ', Outbound.Log.Select(r => SmallDispatcher.Name((Reply)r))).Append(CultureInfo.InvariantCulture, $"|{Outbound.Committed}|");
        // Who of the two is the owner makes no difference.
        print.Append(Processors[Inbound.Owner].Print()).Append(Processors[1 - Inbound.Owner].Print());
        print.Append(Dispatchers[Outbound.Owner].Print()).Append(Dispatchers[1 - Outbound.Owner].Print());
        foreach (var turn in Store.Turns)
        {
            foreach (var message in turn.Messages) print.Append(message.Message.MessageId).Append('+');
            foreach (var row in turn.Replies.Select(r => Store.Row(r.ReplyId))) print.Append(CultureInfo.InvariantCulture, $"{row.State} {row.Attempt} {row.Owner is null} {row.Reason is null} {WhilesUntil(row.Deadline)};");
        }

        foreach (var key in Inbound.Log.Select(m => ((InboundMessage)m).Key).Distinct()) print.AppendJoin(' ', Store.CountAttempts(key)).Append('|');
        print.AppendJoin(' ', Late.Select(SmallDispatcher.Name)).Append('|');
        print.AppendJoin(' ', Taken.Select(SmallDispatcher.Name)).Append(CultureInfo.InvariantCulture, $"|{FaultsLeft}|");
        for (var i = 0; i < 2; i++) print.AppendJoin(' ', Dispatchers[i == 0 ? Outbound.Owner : 1 - Outbound.Owner].Runs.Values.Select(r => SmallDispatcher.IsUnderWay(r, Now)));
        return print.ToString();
    }

    private int WhilesUntil(DateTimeOffset? deadline) => deadline > Now ? (int)Math.Ceiling((deadline.Value - Now) / AWhile) : 0;

    private void AnswerAll()
    {
        FaultsLeft = 0;
        for (var free = Steps(); free.Count > 0; free = Steps())
        {
            free[0].Do(this);
            PollAll(isInbound: true, 0);
        }

        (Part, FaultsLeft) = (Part.Sending, Scope.Faults);
        PollAll();
    }

    private void StepsOf(List<SmallStep> steps, bool isInbound, string name, Func<int, ConversationKey, SmallRun, IEnumerable<SmallStep>> ofRun)
    {
        var topic = TopicOf(isInbound);
        for (var i = 0; i < 2; i++)
        {
            var (who, process) = (i, Of(isInbound, i));
            foreach (var (key, run) in process.Runs) steps.AddRange(ofRun(who, key, run));
            if (topic.Owner != who) continue;

            var consumer = process.Consumer;
            if (consumer.IsActive && consumer.Position < topic.Log.Count) Add(StepKind.Free, "polls", w => w.Poll(isInbound, who));
            if (consumer.IsDraining) Add(StepKind.Free, "lets its partition go", w => w.LetGo(isInbound, who));
            if (FaultsLeft == 0) continue;

            // When an offset was committed shows only when somebody else goes on from there: so that is when it is chosen.
            for (var committed = topic.Committed; committed <= consumer.Committable; committed++)
            {
                if (process.Runs.Count == 0 && committed == consumer.Committable) continue;
                var offset = committed;
                Add(StepKind.Fault, $"crashes, {offset} committed", w => w.Crash(isInbound, who, offset));
                if (process.Runs.Count == 0 || !consumer.IsActive) continue;
                Add(StepKind.Fault, $"loses its partition, {offset} committed, and learns it soon", w => w.Lose(isInbound, who, offset, learnsLate: false));
                Add(StepKind.Fault, $"loses its partition, {offset} committed, and learns it late", w => w.Lose(isInbound, who, offset, learnsLate: true));
            }

            if (process.Runs.Count > 0 && consumer.IsActive) Add(StepKind.Fault, "is asked for its partition", w => w.Of(isInbound, who).Consumer.Drain());

            void Add(StepKind kind, string what, Action<SmallWorld> act) => steps.Add(new($"{name} {who} {what}", kind, act));
        }
    }

    private static void Again(List<SmallStep> steps, SmallTopic topic, Func<object, string> nameOf, Func<SmallWorld, SmallTopic> of)
    {
        foreach (var record in topic.Log.DistinctBy(nameOf)) steps.Add(new($"{nameOf(record)} is delivered again", StepKind.Fault, w => of(w).Log.Add(record)));
    }

    private SmallTopic TopicOf(bool isInbound) => isInbound ? Inbound : Outbound;

    private SmallProcess Of(bool isInbound, int who) => (isInbound ? Processors : Dispatchers)[who];

    private void Poll(bool isInbound, int who)
    {
        var (process, topic) = (Of(isInbound, who), TopicOf(isInbound));
        var record = topic.Log[(int)process.Consumer.Position];
        process.Consumer.Add(record is InboundMessage message ? message.Key : ((Reply)record).Key);
        Pump(process);
    }

    /// <summary>A poll shows to nobody else; only how many records a turn finds depends on when it was.</summary>
    private void PollAll()
    {
        for (var who = 0; who < 2; who++)
        {
            if (Scope.PerRun == 1) PollAll(isInbound: true, who);
            PollAll(isInbound: false, who);
        }
    }

    private void PollAll(bool isInbound, int who)
    {
        while (TopicOf(isInbound).Owner == who && Of(isInbound, who).Consumer is { IsActive: true } consumer && consumer.Position < TopicOf(isInbound).Log.Count) Poll(isInbound, who);
    }

    private bool IsSettled(object record) => record is InboundMessage message
        ? Store.TurnOf(message.Identity) is { } turn && turn.Replies.All(r => Outbound.Log.Exists(o => ((Reply)o).ReplyId == r.ReplyId))
        : Store.Row(((Reply)record).ReplyId).State != LedgerState.Pending;

    private void LetGo(bool isInbound, int who)
    {
        if (Of(isInbound, who).Consumer.TakeCommittable() is { } offset) TopicOf(isInbound).Committed = offset;
        Of(isInbound, who).Consumer.Fence();
        Give(isInbound, 1 - who);
    }

    private void Lose(bool isInbound, int who, long committed, bool learnsLate)
    {
        TopicOf(isInbound).Committed = committed;
        Of(isInbound, who).LearnsLate = learnsLate;
        Give(isInbound, 1 - who);
    }

    private void Crash(bool isInbound, int who, long committed)
    {
        TopicOf(isInbound).Committed = committed;
        Restart(isInbound, who);
        Give(isInbound, 1 - who);
    }

    private void Give(bool isInbound, int to)
    {
        var (topic, process) = (TopicOf(isInbound), Of(isInbound, to));
        // A process learns what it lost before it is given anything.
        if (process.Consumer.IsAssigned) process.Consumer.Fence();
        process.LearnsLate = false;
        topic.Owner = to;
        process.Consumer.Assign(topic.Committed);
        process.MayHaveRunBefore = topic.Log.Count;
    }

    private void Restart(bool isInbound, int who) => (isInbound ? Processors : Dispatchers)[who] = new SmallProcess();

    private bool IsAnythingUnderWay() => Part != Part.Answering
        && (Store.Replies.Any(r => Store.Row(r.ReplyId).Deadline > Now) || Array.Exists(Dispatchers, d => d.Runs.Values.Any(r => SmallDispatcher.IsUnderWay(r, Now))));

    private bool IsOwner(SmallProcess process) => ReferenceEquals(Processors[Inbound.Owner], process) || ReferenceEquals(Dispatchers[Outbound.Owner], process);

    /// <summary>A process that has nothing and does nothing is as good as new.</summary>
    private void Forget()
    {
        if (Processors[1 - Inbound.Owner].Runs.Count == 0) Restart(isInbound: true, 1 - Inbound.Owner);
        if (Dispatchers[1 - Outbound.Owner].Runs.Count == 0) Restart(isInbound: false, 1 - Outbound.Owner);
    }

    /// <summary>No record below an offset that the owner may commit is unfinished, and the offset is the lowest that is.</summary>
    private void CheckOffsets(SmallTopic topic, SmallProcess[] processes)
    {
        var consumer = processes[topic.Owner].Consumer;
        var offset = consumer.Offered;
        Check(offset == consumer.Committable, $"offset {offset} may be committed, not {consumer.Committable}");
        Check(offset >= topic.Committed, $"offset {offset} may be committed after {topic.Committed}");
        for (var o = topic.Committed; o < offset; o++) Check(IsSettled(topic.Log[(int)o]), $"offset {offset} may be committed, but the record at {o} is not finished");
    }

    private void CheckRows()
    {
        foreach (var reply in Store.Replies)
        {
            var state = Store.Row(reply.ReplyId).State;
            var isTaken = Taken.Exists(r => r.ReplyId == reply.ReplyId);
            Check(state != LedgerState.Sent || isTaken, $"{SmallDispatcher.Name(reply)} counts as sent and was not");
            Check(state != LedgerState.Failed || !isTaken, $"{SmallDispatcher.Name(reply)} counts as failed and was sent");
        }
    }

    private static void CheckConsumed(SmallTopic topic, SmallProcess[] processes, string name)
    {
        var committable = processes[topic.Owner].Consumer.Committable;
        Check(committable == topic.Log.Count, $"{name} is left at {committable} of {topic.Log.Count}");
        Check(Array.TrueForAll(processes, p => p.Runs.Count == 0), $"a lane of {name} is left behind");
    }

    private static void Check(bool holds, string problem)
    {
        if (!holds) throw new SmallViolationException(problem);
    }
}
