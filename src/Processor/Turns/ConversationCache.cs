using System.Runtime.InteropServices;
using Parley.Common.Conversations;
using Parley.Common.Stores;

namespace Parley.Processor.Turns;

/// <summary>
/// The states this process committed last, of conversations whose partition it still owns: their next turn starts without a look at the store.
/// </summary>
/// <remarks>
/// Never the truth. A state counts only for the assignment it was committed under; where it is stale all the same, the commit's
/// compare-and-set fails and the turn reads the store. A message that was seen before this assignment is not known here: the unique key
/// of the commit finds it. See docs/decisions/0010-state-cache.md.
/// </remarks>
/// <param name="capacity">Conversations, about; the least recently used go first. 0 keeps none.</param>
internal sealed class ConversationCache(int capacity)
{
    private const int RememberedMessages = 8;
    private const int LargestContext = 16 * 1024;

    private readonly Lock _gate = new();

    // Two generations: what is used moves to the young one; when that is half of the capacity, the old one is dropped as a whole.
    private Dictionary<ConversationKey, Entry> _young = [];
    private Dictionary<ConversationKey, Entry> _old = [];

    /// <summary>The conversation's state, when it is known and none of the messages is known to be in its history; otherwise null: ask the store.</summary>
    /// <param name="assignment">That of the records (<see cref="Common.Streaming.LaneRun.Assignment"/>).</param>
    public ConversationState? Find(ConversationKey key, object assignment, IReadOnlyList<MessageIdentity> messages)
    {
        lock (_gate)
        {
            if (!TryUse(key, out var entry)) return null;
            if (!ReferenceEquals(entry.Assignment, assignment))
            {
                _young.Remove(key);
                return null;
            }

            foreach (var message in messages)
            {
                if (entry.Holds(message.MessageId)) return null;
            }

            return entry.State;
        }
    }

    /// <summary>Keeps what a turn has committed.</summary>
    public void Keep(TurnCommit turn, object assignment)
    {
        if (capacity == 0) return;
        if (turn.State.Context is { } context && JsonMarshal.GetRawUtf8Value(context).Length > LargestContext)
        {
            Forget(turn.Key);
            return;
        }

        lock (_gate)
        {
            if (!TryUse(turn.Key, out var entry) || !ReferenceEquals(entry.Assignment, assignment)) Add(turn.Key, entry = new Entry(assignment));
            entry.State = turn.State;
            foreach (var message in turn.Messages) entry.Remember(message.Message.MessageId);
        }
    }

    /// <summary>The state is out of date: the store is asked, until the next commit is kept.</summary>
    public void Forget(ConversationKey key)
    {
        lock (_gate)
        {
            if (TryUse(key, out var entry)) entry.State = null;
        }
    }

    private bool TryUse(ConversationKey key, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Entry? entry)
    {
        if (_young.TryGetValue(key, out entry)) return true;
        if (!_old.Remove(key, out entry)) return false;
        Add(key, entry);
        return true;
    }

    private void Add(ConversationKey key, Entry entry)
    {
        if (_young.Count >= Math.Max(1, capacity / 2)) (_old, _young) = (_young, []);
        _young[key] = entry;
    }

    private sealed class Entry(object assignment)
    {
        private readonly string?[] _messages = new string?[RememberedMessages];
        private int _next;

        public object Assignment { get; } = assignment;

        public ConversationState? State { get; set; }

        public void Remember(string messageId) => _messages[_next++ % RememberedMessages] = messageId;

        public bool Holds(string messageId) => Array.IndexOf(_messages, messageId) >= 0;
    }
}
