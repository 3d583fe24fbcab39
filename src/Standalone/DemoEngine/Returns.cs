using System.Text.RegularExpressions;

namespace Parley.Standalone.DemoEngine;

/// <summary>Sending things back, and the money for them.</summary>
internal static partial class Returns
{
    public static Answer Start(Memory memory, Order order, string reason, DateOnly today)
    {
        var notes = memory.NotesOf(order.Number, today);
        if (notes.Cancelled) return Answer.Say(memory, $"Order {order.Number} was cancelled, so there is nothing to return. {MoneyBack(order)}", Suggestion.Person);
        if (notes.Return is { } number) return Answer.Say(memory, $"The return of order {order.Number} is registered as {number}. {Label}", Suggestion.Person);
        if (order.StatusOn(notes.Day, today) != OrderStatus.Delivered) return TooEarly(memory, order, notes, today);

        return ReasonIn(reason) is null ? AskReason(memory, order) : Register(memory, order, reason, today);
    }

    public static Answer AskReason(Memory memory, Order order) => Answer.Ask(
        memory, Intent.Return, Expecting.ReturnReason, $"I can take back order {order.Number} ({order.Contents}). What is the reason?",
        new Suggestion("damaged", "Damaged or broken"), new Suggestion("wrong", "Wrong item"), new Suggestion("unwanted", "Changed my mind"));

    public static Answer Register(Memory memory, Order order, string reason, DateOnly today)
    {
        var number = "RET" + order.Number["ORD".Length..];
        var notes = memory.NotesOf(order.Number, today) with { Return = number };
        var sorry = ReasonIn(reason) switch
        {
            "damaged" => "I am sorry that it did not reach you whole. A picture of the damage helps us. ",
            "wrong" => "I am sorry that we sent the wrong thing. ",
            _ => "",
        };
        return Answer.Say(
            memory.WithNotes(order.Number, notes),
            $"{sorry}Your return is registered as {number}. {Label} You get {Words.Money(order.TotalCents)} back within 5 working days of its arrival.",
            Suggestion.Person);
    }

    public static Answer Refund(Memory memory, Order order, DateOnly today)
    {
        var notes = memory.NotesOf(order.Number, today);
        if (notes.Cancelled) return Answer.Say(memory, $"Order {order.Number} was cancelled. {MoneyBack(order)}", Suggestion.Person);
        if (notes.Return is { } number)
        {
            return Answer.Say(memory, $"The {Words.Money(order.TotalCents)} for order {order.Number} come back within 5 working days of return {number} arriving here.", Suggestion.Person);
        }

        return order.StatusOn(notes.Day, today) == OrderStatus.Delivered
            ? Answer.Ask(
                memory, Intent.Refund, Expecting.ReturnConfirmation, $"A refund follows a return. Shall I start the return of order {order.Number}?",
                new Suggestion("yes", "Yes, return it"), new Suggestion("no", "No, keep it"))
            : TooEarly(memory, order, notes, today);
    }

    public static string MoneyBack(Order order) => $"The {Words.Money(order.TotalCents)} are back in your account within 5 working days.";

    /// <summary>damaged or wrong; null when the text says neither.</summary>
    public static string? ReasonIn(string text) =>
        DamagedPattern().IsMatch(text) ? "damaged" : WrongPattern().IsMatch(text) ? "wrong" : null;

    private const string Label = "Put the things into any box; the label comes by email.";

    private static Answer TooEarly(Memory memory, Order order, OrderNotes notes, DateOnly today) => order.StatusOn(notes.Day, today) is OrderStatus.Processing or OrderStatus.Packed
        ? Answer.Say(memory, $"Order {order.Number} has not left our warehouse yet: you can simply cancel it.", Suggestion.Cancel, Suggestion.Person)
        : Answer.Say(memory, $"Order {order.Number} is still on its way and should arrive {OrderTopics.Arrival(order, notes, today)}. You can return it then.", Suggestion.Tracking, Suggestion.Person);

    [GeneratedRegex(@"\b(damaged|broken|defective|cracked|torn|scratched|doesn.?t work)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex DamagedPattern();

    [GeneratedRegex(@"\bwrong\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex WrongPattern();
}
