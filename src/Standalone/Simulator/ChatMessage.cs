using System.Text.Json;
using System.Text.Json.Serialization;

namespace Parley.Standalone.Simulator;

/// <summary>One bubble of a simulated chat.</summary>
internal sealed record ChatMessage
{
    /// <summary>wamid.</summary>
    public required string Id { get; init; }

    /// <summary>Phone number id of the business.</summary>
    public required string Account { get; init; }

    /// <summary>The user's number, digits only, or business-scoped id.</summary>
    public required string User { get; init; }

    /// <summary>The profile's name; only on what the user wrote.</summary>
    public string? Name { get; init; }

    public required bool FromUser { get; init; }
    public required string Type { get; init; }
    public required string Text { get; init; }
    public IReadOnlyList<ChatButton>? Buttons { get; init; }

    /// <summary>Of what the business sent: accepted, sent, delivered, read or failed.</summary>
    public string? Status { get; init; }

    /// <summary>Status failed: code and words.</summary>
    public string? Error { get; init; }

    public string? BizOpaqueCallbackData { get; init; }
    public required DateTimeOffset At { get; init; }

    /// <summary>The body as the business sent it.</summary>
    public JsonElement? Request { get; init; }

    /// <summary>Its place among all messages.</summary>
    public long Seq { get; init; }

    /// <summary>Rises with every change of any message, so that a page can ask for what is new.</summary>
    public long Version { get; init; }
}

/// <summary>A reply button or list row.</summary>
internal sealed record ChatButton(string Id, string Title, string? Description = null);

/// <summary>A business number that the simulator plays WhatsApp for.</summary>
internal sealed record SimulatedPhone(string Account, string Tenant, string Name);

/// <summary>What the page types on a user's phone.</summary>
/// <param name="From">The user's number.</param>
/// <param name="Account">Phone number id; null for the only one.</param>
/// <param name="Type">text (default), choice, image, audio, sticker or location.</param>
/// <param name="ReplyTo">Type choice: the message whose button was pressed.</param>
internal sealed record TypedMessage(
    string? From, string? Account = null, string? Name = null, string? Type = null, string? Text = null, ChatButton? Choice = null, string? ReplyTo = null);

/// <summary>What became of it.</summary>
internal sealed record TypedAnswer(string Id, int Status);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ChatMessage))]
[JsonSerializable(typeof(IReadOnlyList<ChatMessage>))]
[JsonSerializable(typeof(IReadOnlyList<SimulatedPhone>))]
[JsonSerializable(typeof(TypedMessage))]
[JsonSerializable(typeof(TypedAnswer))]
internal sealed partial class SimulatorJson : JsonSerializerContext;
