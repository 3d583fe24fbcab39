using System.Text.Json;
using Parley.Chaos.History;
using Parley.Chaos.Mutants;
using Parley.Chaos.Workload;

namespace Parley.Unit.Chaos;

public sealed class WorkloadTests
{
    private static readonly ChaosTenant Tenant = ChaosTenant.Make(1, seed: 1)[0];

    [Fact]
    public void A_webhook_of_several_messages_is_one_valid_body()
    {
        MessageKey[] messages = [new("t00", "c001", 1), new("t00", "c001", 2)];

        var body = JsonSerializer.Deserialize<JsonElement>(WebhookBodies.Messages(Tenant, Tenant.Account, "16505550001", messages));

        var value = body.GetProperty("entry")[0].GetProperty("changes")[0].GetProperty("value");
        Assert.Equal(Tenant.Account, value.GetProperty("metadata").GetProperty("phone_number_id").GetString());
        Assert.Equal(messages, value.GetProperty("messages").EnumerateArray().Select(m => KeyOf(m.GetProperty("text").GetProperty("body").GetString())));
    }

    [Fact]
    public void A_text_says_which_message_it_is()
    {
        var key = new MessageKey("t07", "c012", 34);

        Assert.True(MessageText.TryRead(MessageText.Reply(key, "abc", Tenant.Canary), out var read, out var hash));

        Assert.Equal((key, "abc"), (read, hash));
        Assert.False(MessageText.TryRead("hello", out _, out _));
    }

    [Fact]
    public void A_conversation_takes_the_next_message_only_when_the_last_is_in_and_few_wait()
    {
        var conversation = new Conversation(Tenant, "c001", "1", Way.Webhook);
        Assert.True(conversation.TryBegin(window: 2, TimeSpan.FromHours(1)));
        conversation.Next(2);
        Assert.False(conversation.TryBegin(2, TimeSpan.FromHours(1)));
        conversation.End();
        Assert.False(conversation.TryBegin(2, TimeSpan.FromHours(1)));

        conversation.Replied(2);

        Assert.True(conversation.TryBegin(2, TimeSpan.FromHours(1)));
        Assert.Equal(0, conversation.Waiting);
    }

    [Fact]
    public void Every_mutant_has_a_name_of_its_own_and_something_broken()
    {
        Assert.Equal(MutantList.All.Count, MutantList.All.Select(m => m.Name).Distinct().Count());
        Assert.All(MutantList.All, m => Assert.True(m.Break is not null || m.Settings is { Count: > 0 }, m.Name));
        Assert.True(MutantList.All.Count >= 12);
    }

    private static MessageKey KeyOf(string? text)
    {
        MessageText.TryRead(text, out var key, out _);
        return key;
    }
}
