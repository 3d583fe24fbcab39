namespace Parley.Standalone.DemoEngine;

/// <summary>What the assistant says to one message, and what it remembers afterwards.</summary>
internal sealed record Answer(Memory Memory, string Text)
{
    public IReadOnlyList<Suggestion> Suggestions { get; init; } = [];
    public bool HandOff { get; init; }

    /// <summary>How sure it is to have understood, 0 to 1.</summary>
    public double Confidence { get; init; } = 0.95;

    /// <summary>An answer after which nothing in particular is expected.</summary>
    public static Answer Say(Memory memory, string text, params IReadOnlyList<Suggestion> suggestions) =>
        new(memory with { Expecting = null, Topic = Intent.None, Puzzled = 0 }, text) { Suggestions = suggestions };

    /// <summary>An answer that asks for something.</summary>
    public static Answer Ask(Memory memory, Intent topic, string expecting, string text, params IReadOnlyList<Suggestion> suggestions) =>
        new(memory with { Expecting = expecting, Topic = topic, Puzzled = 0 }, text) { Suggestions = suggestions };
}

/// <summary>A button: its id is the name of an intent, or free text that comes back as the title.</summary>
internal sealed record Suggestion(string Id, string Title)
{
    public static Suggestion Status { get; } = new("status", "Order status");
    public static Suggestion Tracking { get; } = new("tracking", "Track the parcel");
    public static Suggestion Cancel { get; } = new("cancel", "Cancel the order");
    public static Suggestion Address { get; } = new("address", "Change the address");
    public static Suggestion Return { get; } = new("return", "Return something");
    public static Suggestion Refund { get; } = new("refund", "Ask for a refund");
    public static Suggestion Person { get; } = new("person", "Talk to a person");
}

/// <summary>What the assistant may be waiting for; also <c>next_expected_inputs</c>.</summary>
internal static class Expecting
{
    public const string OrderNumber = "order_number";
    public const string CancelConfirmation = "cancel_confirmation";
    public const string Address = "address";
    public const string ReturnReason = "return_reason";
    public const string ReturnConfirmation = "return_confirmation";
    public const string PersonConfirmation = "person_confirmation";
}
