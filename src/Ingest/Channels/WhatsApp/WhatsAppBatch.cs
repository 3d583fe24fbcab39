using System.Text.Json;
using Parley.Common.Records;
using Parley.Ingest.Reading;

namespace Parley.Ingest.Channels.WhatsApp;

/// <summary>Gathers everything a body holds: each entry, each change, each message and status. One bad element never costs its neighbours.</summary>
internal sealed class WhatsAppBatch(string tenant, string account, DateTimeOffset receivedAt)
{
    private readonly List<InboundMessage> _messages = [];
    private readonly List<Receipt> _receipts = [];
    private readonly List<string> _skipped = [];
    private readonly List<string> _problems = [];
    private string? _foreignAccount;
    private bool _anyOfOurs;

    public void TakeEnvelope(JsonElement envelope)
    {
        if (envelope.Text("object") != "whatsapp_business_account" || envelope.Member("entry") is not { ValueKind: JsonValueKind.Array })
        {
            _problems.Add("it is not a WhatsApp envelope: object is not whatsapp_business_account, or entry is no array");
            return;
        }

        foreach (var change in envelope.Items("entry").SelectMany(entry => entry.Items("changes"))) TakeChange(change);
    }

    public Normalised ToNormalised()
    {
        if (_foreignAccount is not null && !_anyOfOurs) return new Normalised.WrongAccount(_foreignAccount);
        if (_foreignAccount is not null) _problems.Add($"part of it is about the account '{_foreignAccount}', which is not the route's");
        if (_problems.Count > 0 && _messages.Count + _receipts.Count == 0) return new Normalised.Unreadable(string.Join("; ", _problems.Distinct()));

        return new Normalised.Batch(InOrderOfSending(), _receipts, _skipped, _problems);
    }

    private void TakeChange(JsonElement change)
    {
        var field = change.Text("field");
        if (field is not ("messages" or "smb_message_echoes"))
        {
            // Account news, and `history`, the backlog of a phone that is connected: old messages that nobody may answer. They carry no metadata.
            _skipped.Add($"field {field}");
            return;
        }

        if (change.Object("value") is not { } value || value.Object("metadata")?.Id("phone_number_id") is not { } named)
        {
            _problems.Add($"a change of field {field} has no metadata.phone_number_id");
            return;
        }

        if (named != account)
        {
            _foreignAccount ??= named;
            return;
        }

        _anyOfOurs = true;
        foreach (var error in value.Items("errors")) _skipped.Add($"error {error.Id("code")}");
        TakeMessages(value, field == "messages" ? "messages" : "message_echoes", isEcho: field != "messages");
        foreach (var status in value.Items("statuses")) TakeStatus(status);
    }

    private void TakeMessages(JsonElement value, string member, bool isEcho)
    {
        var reader = new WhatsAppMessageReader(tenant, account, receivedAt, value, isEcho);
        foreach (var element in value.Items(member))
        {
            if (reader.Read(element, out var problem) is { } message) _messages.Add(message);
            else _problems.Add(problem);
        }
    }

    private void TakeStatus(JsonElement status)
    {
        if (WhatsAppStatus.Read(status, tenant, account, receivedAt, out var why) is { } receipt) _receipts.Add(receipt);
        else _skipped.Add(why);
    }

    // Meta does not promise order inside a batch. Times are whole seconds, so what has the same one stays as it came.
    private List<InboundMessage> InOrderOfSending() =>
        _messages.TrueForAll(m => m.SentAt is not null) ? [.. _messages.OrderBy(m => m.SentAt)] : _messages;
}
