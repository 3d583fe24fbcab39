using Parley.Common.Conversations;

namespace Parley.Unit.Conversations;

public sealed class DerivedIdTests
{
    [Fact]
    public void The_same_participant_always_gets_the_same_conversation() => Assert.Equal(
        DerivedId.Conversation("demo", "whatsapp", "106", "16505551234"),
        DerivedId.Conversation("demo", "whatsapp", "106", "16505551234"));

    [Fact]
    public void Its_form_is_a_promise_to_what_is_stored() =>
        Assert.Equal("c_2b56a49f1ea4f04dda93b3f3c2a2fae2".Length, DerivedId.Conversation("demo", "whatsapp", "106", "16505551234").Length);

    [Theory]
    [InlineData("demo", "whatsapp", "106", "1", "t")]
    [InlineData("demo2", "whatsapp", "106", "1", null)]
    [InlineData("demo", "web", "106", "1", null)]
    [InlineData("demo", "whatsapp", "1061", "", null)]
    [InlineData("demo", "whatsapp", "106", "2", null)]
    public void Any_other_part_gives_another_conversation(string tenant, string channel, string account, string participant, string? thread) =>
        Assert.NotEqual(DerivedId.Conversation("demo", "whatsapp", "106", "1"), DerivedId.Conversation(tenant, channel, account, participant, thread));

    [Fact]
    public void A_turn_run_again_names_the_same_replies()
    {
        var key = new ConversationKey("demo", "c_1");
        var message = new MessageIdentity("demo", "web", "site", "m1");
        Assert.Equal(DerivedId.Reply(DerivedId.Turn(key, message, message), 0), DerivedId.Reply(DerivedId.Turn(key, message, message), 0));
        Assert.NotEqual(DerivedId.Reply(DerivedId.Turn(key, message, message), 0), DerivedId.Reply(DerivedId.Turn(key, message, message), 1));
    }
}
