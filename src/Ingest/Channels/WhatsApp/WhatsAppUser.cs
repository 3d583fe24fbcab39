using System.Text.Json;
using System.Text.RegularExpressions;
using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Ingest.Reading;

namespace Parley.Ingest.Channels.WhatsApp;

/// <summary>
/// Who a message is from. Since 2026 a user has a business-scoped id (BSUID, <c>US.13491208655302741918</c>) and may have no phone number.
/// </summary>
/// <remarks>
/// The conversation follows from the BSUID when there is one: it stays when the phone number disappears behind a username.
/// Replies go to the phone number when there is one: some message types are refused for a BSUID (error 131062).
/// </remarks>
internal sealed partial record WhatsAppUser(string? Phone, string? ScopedId)
{
    public string? Name { get; init; }

    /// <summary>Further ids: wa_id, the parent business's BSUID, or the ids before or after a change.</summary>
    public IReadOnlyList<string?> OtherIds { get; init; } = [];

    /// <summary>What the conversation's id follows from.</summary>
    public string Key => ScopedId ?? Phone ?? "";

    /// <summary>Where replies go.</summary>
    public string Address => Phone ?? ScopedId ?? "";

    public bool IsKnown => Key.Length > 0;

    public Participant ToParticipant()
    {
        string[] aliases = [.. OtherIds.Prepend(ScopedId).OfType<string>().Where(id => id != Address).Distinct()];
        return new Participant(Address, Name, aliases.Length > 0 ? aliases : null);
    }

    public string ConversationOn(string tenant, string account) => DerivedId.Conversation(tenant, ChannelNames.WhatsApp, account, Key);

    /// <summary>The user behind an address and a BSUID, either of which may be missing; a BSUID in the address's place is seen through.</summary>
    public static WhatsAppUser Of(string? address, string? scopedId) => address switch
    {
        null => new WhatsAppUser(null, scopedId),
        _ when ScopedIdForm().IsMatch(address) => new WhatsAppUser(null, scopedId ?? address),
        _ => new WhatsAppUser(Digits(address), scopedId),
    };

    /// <summary>Adds name and aliases from the contact that is this user's: told by its ids, never by its place in the array.</summary>
    /// <param name="contacts">Of the same change.</param>
    /// <param name="onlyUser">
    /// Whether all messages beside the contacts are from this user: then a lone contact is theirs, though wa_id may differ from the number
    /// (Brazil, Mexico, Argentina).
    /// </param>
    public WhatsAppUser WithContact(IReadOnlyList<JsonElement> contacts, bool onlyUser)
    {
        JsonElement? mine = contacts.Where(IsMine).Select(c => (JsonElement?)c).FirstOrDefault() ?? (onlyUser && contacts.Count == 1 ? contacts[0] : null);
        if (mine is not { } contact) return this;

        return this with
        {
            ScopedId = ScopedId ?? contact.Id("user_id"),
            OtherIds = [contact.Id("wa_id"), contact.Id("parent_user_id")],
            Name = contact.Object("profile")?.Text("name") ?? contact.Object("profile")?.Text("username"),
        };
    }

    private bool IsMine(JsonElement contact) =>
        (ScopedId is not null && contact.Id("user_id") == ScopedId) || (Phone is not null && contact.Id("wa_id") == Phone);

    private static string Digits(string address) =>
        address.Length > 1 && address[0] == '+' && !address.AsSpan(1).ContainsAnyExceptInRange('0', '9') ? address[1..] : address;

    // ISO country, a dot, up to 128 letters and digits; ids of a parent business have ENT in between.
    [GeneratedRegex(@"^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$", RegexOptions.CultureInvariant)]
    private static partial Regex ScopedIdForm();
}
