using Parley.Standalone.Simulator;

namespace Parley.Unit.Standalone.Simulator;

public sealed class SimulatedChatsTests
{
    private readonly SimulatedChats _chats = new();

    [Fact]
    public void Tells_what_is_new_or_changed_since_a_version()
    {
        _chats.Add(Message("a"));
        _chats.Add(Message("b"));
        var version = _chats.ChangedSince(0).Messages[^1].Version;
        Assert.Empty(_chats.ChangedSince(version).Messages);

        _chats.SetStatus("a", "read");

        var changed = Assert.Single(_chats.ChangedSince(version).Messages);
        Assert.Equal(("a", "read", 1), (changed.Id, changed.Status, changed.Seq));
    }

    [Fact]
    public void Wakes_who_waits_for_the_next_change()
    {
        var (_, nextChange) = _chats.ChangedSince(0);
        Assert.False(nextChange.IsCompleted);

        _chats.Add(Message("a"));

        Assert.True(nextChange.IsCompleted);
    }

    [Fact]
    public void Takes_a_repeated_webhook_once()
    {
        _chats.Add(Message("a"));
        _chats.Add(Message("a"));

        Assert.Single(_chats.Sent());
    }

    [Fact]
    public void Forgets_the_oldest_past_a_thousand()
    {
        for (var i = 0; i < 1_001; i++) _chats.Add(Message($"m{i}"));

        Assert.Equal(1_000, _chats.Sent().Count);
        Assert.Equal("m1", _chats.Sent()[0].Id);
        _chats.SetStatus("m0", "read");
    }

    [Fact]
    public void Gives_everything_to_a_page_that_remembers_an_earlier_process()
    {
        _chats.Add(Message("a"));

        Assert.Single(_chats.ChangedSince(99).Messages);
    }

    private static ChatMessage Message(string id) => new()
    {
        Id = id, Account = "1", User = "15550100", FromUser = false, Type = "text", Text = "x", Status = "accepted", At = DateTimeOffset.UnixEpoch,
    };
}
