namespace Parley.Standalone.DemoEngine;

/// <summary>Cancelling an order, and sending it elsewhere: both only until it has left the house.</summary>
internal static class Changes
{
    private const int AddressChars = 200;

    public static Answer AskCancel(Memory memory, Order order, DateOnly today)
    {
        var notes = memory.NotesOf(order.Number, today);
        if (notes.Cancelled) return Answer.Say(memory, $"Order {order.Number} is cancelled already. {Returns.MoneyBack(order)}", Suggestion.Person);

        return order.StatusOn(notes.Day, today) switch
        {
            OrderStatus.Processing or OrderStatus.Packed => Answer.Ask(
                memory, Intent.Cancel, Expecting.CancelConfirmation, $"Shall I cancel order {order.Number} ({order.Contents})?",
                new Suggestion("yes", "Yes, cancel it"), new Suggestion("no", "No, keep it")),
            OrderStatus.Delivered => Answer.Say(memory, $"Order {order.Number} has been delivered, so I cannot cancel it. You can return it.", Suggestion.Return, Suggestion.Person),
            _ => Answer.Say(memory, $"Order {order.Number} is on its way, so I cannot cancel it any more. You can return it once it has arrived.", Suggestion.Tracking, Suggestion.Person),
        };
    }

    public static Answer Cancel(Memory memory, Order order, DateOnly today)
    {
        var notes = memory.NotesOf(order.Number, today) with { Cancelled = true };
        return Answer.Say(memory.WithNotes(order.Number, notes), $"Done, order {order.Number} is cancelled. {Returns.MoneyBack(order)}", Suggestion.Person);
    }

    public static Answer Address(Memory memory, Order order, DateOnly today)
    {
        var notes = memory.NotesOf(order.Number, today);
        if (notes.Cancelled) return Answer.Say(memory, $"Order {order.Number} was cancelled, so it goes nowhere.", Suggestion.Person);

        return order.StatusOn(notes.Day, today) switch
        {
            OrderStatus.Processing or OrderStatus.Packed => AskAddress(memory, $"Where should order {order.Number} go? Please write the whole address."),
            OrderStatus.Delivered => Answer.Say(memory, $"Order {order.Number} has been delivered already.", Suggestion.Return, Suggestion.Person),
            _ => Answer.Say(memory, $"Order {order.Number} is on its way and I cannot redirect it. {order.Carrier} may, with tracking number {order.Tracking}.", Suggestion.Tracking, Suggestion.Person),
        };
    }

    public static Answer AskAddress(Memory memory, string text) => Answer.Ask(memory, Intent.Address, Expecting.Address, text);

    public static Answer SetAddress(Memory memory, Order order, string address, DateOnly today)
    {
        address = string.Join(", ", address.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        var notes = memory.NotesOf(order.Number, today) with { Address = address };
        return Answer.Say(
            memory.WithNotes(order.Number, notes),
            $"Thank you. Order {order.Number} goes to {address} and should arrive {OrderTopics.Arrival(order, notes, today)}.",
            Suggestion.Status, Suggestion.Person);
    }

    /// <summary>Letters and a digit, not too short, not a question, not an order number, not a request for a person.</summary>
    public static bool LooksLikeAddress(string text) =>
        text.Length is >= 8 and <= AddressChars && text.Any(char.IsLetter) && text.Any(char.IsAsciiDigit) && !text.Contains('?', StringComparison.Ordinal)
        && Order.NumberIn(text, bare: false) is null && Intents.Of(text) != Intent.Person;
}
