using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Ingest.Channels;
using Parley.Ingest.Channels.WhatsApp;

namespace Parley.Unit.Ingest.Channels;

/// <summary>Each payload of tests/TestKit/Payloads/whatsapp is read as its .expected.json says.</summary>
public sealed class WhatsAppPayloadTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Payloads", "whatsapp");

    public static TheoryData<string> Cases => [.. Directory.GetFiles(Folder, "*.json")
        .Select(f => Path.GetFileName(f)!).Where(f => !f.EndsWith(".expected.json", StringComparison.Ordinal)).Select(f => f[..^5]).Order()];

    [Theory, MemberData(nameof(Cases))]
    public void Is_read_as_expected(string name)
    {
        var expected = File.ReadAllText(Path.Combine(Folder, name + ".expected.json"));
        Assert.Equal(expected, NormalisedText.Of(Read(name)));
    }

    [Theory, MemberData(nameof(Cases))]
    public void Gives_only_records_that_the_processor_can_read(string name)
    {
        if (Read(name) is not Normalised.Batch batch) return;
        foreach (var message in batch.Messages) Assert.IsType<DecodedRecord.OfMessage>(RecordCodec.Decode(RecordCodec.Encode(message, "/test")));
        foreach (var receipt in batch.Receipts) Assert.IsType<DecodedRecord.OfReceipt>(RecordCodec.Decode(RecordCodec.Encode(receipt, "/test")));
    }

    [Fact]
    public void Every_payload_has_its_expectation_and_there_are_no_others()
    {
        var files = Directory.GetFiles(Folder, "*.json").Select(f => Path.GetFileName(f)!).ToList();
        Assert.Equal(files.Count, 2 * Cases.Count);
        Assert.True(Cases.Count >= 60);
    }

    [Fact]
    public void A_user_is_one_conversation_with_number_and_id_or_with_the_id_alone()
    {
        string[] names = ["user-without-number", "user-with-empty-number", "user-id-in-place-of-the-number", "user-with-number-and-id"];
        var conversations = names.Select(n => Assert.IsType<Normalised.Batch>(Read(n)).Messages[0].ConversationId).Distinct();
        Assert.Single(conversations);
    }

    [Fact]
    public void A_status_to_a_user_lands_in_the_conversation_of_the_users_messages()
    {
        Assert.Equal(First("text").ConversationId, FirstReceipt("status-without-our-reply-id").ConversationId);
        Assert.Equal(First("user-without-number").ConversationId, FirstReceipt("status-to-a-user-without-number").ConversationId);
        Assert.Equal(First("group-message").ConversationId, FirstReceipt("status-of-a-group").ConversationId);
    }

    [Fact]
    public void A_group_is_one_conversation_whoever_writes()
    {
        Assert.NotEqual(First("user-with-number-and-id").ConversationId, First("group-message").ConversationId);
        Assert.Equal(
            DerivedId.Conversation("demo", "whatsapp", WhatsAppCalls.AccountId, "Y2FwaV9ncm91cDoxNzA1NTU1MDEzOToxMjAz", "Y2FwaV9ncm91cDoxNzA1NTU1MDEzOToxMjAz"),
            First("group-message").ConversationId);
    }

    [Fact]
    public void The_same_user_on_another_account_is_another_conversation() => Assert.NotEqual(
        new WhatsAppUser("16505551234", null).ConversationOn("demo", "1"), new WhatsAppUser("16505551234", null).ConversationOn("demo", "2"));

    [Fact]
    public void Only_what_a_customer_says_starts_a_turn()
    {
        string[] silent =
        [
            "reaction", "reaction-removed-without-emoji", "system-changed-number", "type-to-come", "type-missing", "edit", "revoke", "echo-of-the-phone-app",
            "interactive-of-a-kind-to-come", "welcome-request-of-old",
        ];
        Assert.All(silent, name => Assert.NotEqual(InboundKinds.Message, First(name).Kind));
    }

    private static InboundMessage First(string name) => Assert.IsType<Normalised.Batch>(Read(name)).Messages[0];

    private static Receipt FirstReceipt(string name) => Assert.IsType<Normalised.Batch>(Read(name)).Receipts[0];

    private static Normalised Read(string name) =>
        new WhatsAppInbound().Normalise(WhatsAppCalls.Of(File.ReadAllBytes(Path.Combine(Folder, name + ".json"))));
}
