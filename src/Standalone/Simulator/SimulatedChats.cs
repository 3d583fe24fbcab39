namespace Parley.Standalone.Simulator;

/// <summary>The chats on all simulated phones: the newest messages, in memory.</summary>
internal sealed class SimulatedChats
{
    private const int Kept = 1000;
    private readonly Lock _gate = new();

    /// <summary>Oldest first. Guarded by <see cref="_gate"/>.</summary>
    private readonly List<ChatMessage> _messages = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _version;

    /// <summary>Adds a message, unless it is there already: webhooks come more than once.</summary>
    public void Add(ChatMessage message)
    {
        lock (_gate)
        {
            if (_messages.Exists(m => m.Id == message.Id)) return;
            if (_messages.Count == Kept) _messages.RemoveAt(0);
            _messages.Add(message with { Seq = ++_version, Version = _version });
            Tell();
        }
    }

    /// <summary>Writes a status on a message, if it is still there.</summary>
    public void SetStatus(string id, string status, string? error = null)
    {
        lock (_gate)
        {
            var place = _messages.FindIndex(m => m.Id == id);
            if (place < 0) return;
            _messages[place] = _messages[place] with { Status = status, Error = error, Version = ++_version };
            Tell();
        }
    }

    /// <summary>What the business sent, oldest first.</summary>
    public IReadOnlyList<ChatMessage> Sent()
    {
        lock (_gate) return _messages.Where(m => !m.FromUser).ToList();
    }

    /// <summary>The messages that are new or changed since a version (0: all), in the order of the changes, and what completes with the next change.</summary>
    public (IReadOnlyList<ChatMessage> Messages, Task NextChange) ChangedSince(long version)
    {
        // A page that was open before this process started knows a later version than there is.
        lock (_gate) return (_messages.Where(m => version > _version || m.Version > version).OrderBy(m => m.Version).ToList(), _changed.Task);
    }

    private void Tell()
    {
        _changed.SetResult();
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
