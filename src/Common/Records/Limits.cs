namespace Parley.Common.Records;

/// <summary>The bounds of what is taken in, wherever it comes from.</summary>
public static class Limits
{
    public const int IdChars = 256;
    public const int TextChars = 16_384;

    /// <summary>The first thing about a message that is out of bounds, naming the member; null when it is fine.</summary>
    public static string? Check(InboundMessage message) =>
        Id("tenant", message.Tenant) ?? Id("conversation_id", message.ConversationId) ?? Id("account", message.Account)
        ?? Id("message_id", message.MessageId) ?? Id("participant.id", message.Participant.Id)
        ?? (message.Content.Text is { Length: > TextChars } ? $"content.text is longer than {TextChars} characters" : null);

    private static string? Id(string member, string value) => value.Length switch
    {
        0 => $"{member} is empty",
        > IdChars => $"{member} is longer than {IdChars} characters",
        _ => null,
    };
}
