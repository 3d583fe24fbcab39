using Google.Protobuf.WellKnownTypes;
using Parley.Engine.V1;

namespace Parley.Standalone.DemoEngine;

/// <summary>What the assistant makes of each type of content. Pictures and voices it cannot judge; it says so and goes on with their caption.</summary>
internal static class Attachments
{
    public static Answer Answer(Memory memory, Content content, string? name, DateOnly today) => content.Type switch
    {
        "text" or "" => Dialogue.Answer(memory, content.Text, Intent.None, name, today),
        "choice" => Dialogue.Answer(memory, content.Text.Length > 0 ? content.Text : content.ChoiceId, Intents.Named(content.ChoiceId), name, today),
        "image" or "video" or "document" => File(memory, content, name, today),
        "audio" => Keep(memory, "I cannot listen to voice messages yet. Could you type it for me?"),
        "sticker" => Keep(memory, "Nice one! What can I do for you?", Suggestion.Status, Suggestion.Person),
        "location" => Location(memory, content, today),
        "contacts" => Keep(memory, "Thank you, but I cannot do anything with contact cards. What can I do for you?", Suggestion.Status, Suggestion.Person),
        "reaction" => Keep(memory, ""),
        "order" => Keep(memory, "I cannot take new orders in this chat, please use the shop's website. I can help with an order you have placed.", Suggestion.Status, Suggestion.Person),
        _ => Keep(memory, "I could not open what you sent. Could you describe it in words?"),
    };

    private static Answer File(Memory memory, Content content, string? name, DateOnly today)
    {
        var what = content.Type == "image" ? "picture" : content.Type;
        if (content.Text.Length == 0) return Keep(memory, Filed(memory, what), Suggestion.Status, Suggestion.Person);

        var answer = Dialogue.Answer(memory, content.Text, Intent.None, name, today);
        return answer with { Text = $"{answer.Text}\n\n{Filed(answer.Memory, what)}" };
    }

    private static string Filed(Memory memory, string what) => memory.Order is { } order && memory.Orders.GetValueOrDefault(order)?.Return is { } number
        ? $"Thank you, I have put the {what} to return {number}."
        : $"Thank you for the {what}. I cannot look into it, but a colleague can.";

    private static Answer Location(Memory memory, Content content, DateOnly today)
    {
        var place = Place(content.Data);
        if (memory is { Expecting: Expecting.Address, Order: { } number } && place is not null && Order.Find(number) is { } order)
        {
            return Changes.SetAddress(memory, order, place, today);
        }

        return Keep(memory, "Thank you for the location. If an order should go there, say \"change the address\" first.", Suggestion.Address, Suggestion.Status);
    }

    private static string? Place(Struct? data)
    {
        if (data is null) return null;

        var parts = new[] { Memory.Text(data, "name"), Memory.Text(data, "address") }.OfType<string>().ToList();
        return parts.Count > 0 ? string.Join(", ", parts) : null;
    }

    /// <summary>Says something and keeps waiting for what was asked.</summary>
    private static Answer Keep(Memory memory, string text, params IReadOnlyList<Suggestion> suggestions) => new(memory, text) { Suggestions = suggestions, Confidence = 0.8 };
}
