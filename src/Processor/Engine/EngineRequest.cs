using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Engine.V1;
using Parley.Processor.Content;

namespace Parley.Processor.Engine;

/// <summary>A turn in the engine's words.</summary>
internal static class EngineRequest
{
    public static ProcessMessageRequest Of(
        ConversationKey key, string turnId, int attempt, ConversationState state, IReadOnlyList<InboundMessage> messages)
    {
        var request = new ProcessMessageRequest
        {
            RequestId = turnId,
            TenantId = key.Tenant,
            ConversationId = key.ConversationId,
            SessionId = state.Session?.Id ?? "",
            Channel = new Channel { Name = state.Channel, Account = state.Account },
            User = new User { Id = messages[^1].Participant.Id, DisplayName = messages[^1].Participant.Name ?? "" },
            Attempt = attempt,
        };
        if (state.Context is { } context) request.Context = ToStruct(context);
        foreach (var message in messages)
        {
            request.Messages.Add(ToMessage(message));
            foreach (var (name, value) in Members(message.Context)) request.Metadata[name] = value;
        }

        return request;
    }

    /// <summary>A Struct as JSON.</summary>
    public static JsonElement ToJson(Struct value)
    {
        using var document = JsonDocument.Parse(JsonFormatter.Default.Format(value));
        return document.RootElement.Clone();
    }

    private static Message ToMessage(InboundMessage message)
    {
        var result = new Message
        {
            MessageId = message.MessageId,
            ReplyToMessageId = message.ReplyTo ?? "",
            Content = new Parley.Engine.V1.Content { Type = message.Content.Type, ChoiceId = message.Content.ChoiceId ?? "" },
        };
        if (message.SentAt is { } sentAt) result.SentAt = Timestamp.FromDateTimeOffset(sentAt);
        if (message.Content.Data is { ValueKind: JsonValueKind.Object } data) result.Content.Data = ToStruct(data);
        foreach (var media in message.Content.Media ?? [])
        {
            result.Content.Media.Add(new Media
            {
                Id = media.Id, MimeType = media.MimeType ?? "", Sha256 = media.Sha256 ?? "", FileName = media.FileName ?? "", SizeBytes = media.SizeBytes,
            });
        }

        if (message.Content.Text is { Length: > 0 } text)
        {
            var normal = TextNormaliser.Normalise(text);
            result.Content.Text = normal;
            result.Content.Language = LanguageGuess.Of(normal);
            result.Content.Entities.AddRange(EntityExtractor.Extract(normal));
        }

        return result;
    }

    private static Struct ToStruct(JsonElement json) =>
        json.ValueKind == JsonValueKind.Object ? JsonParser.Default.Parse<Struct>(json.GetRawText()) : new Struct();

    private static IEnumerable<(string Name, string Value)> Members(JsonElement? json)
    {
        if (json is not { ValueKind: JsonValueKind.Object } context) yield break;
        foreach (var member in context.EnumerateObject())
        {
            yield return (member.Name, member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString()! : member.Value.GetRawText());
        }
    }
}
