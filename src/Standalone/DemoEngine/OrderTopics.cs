namespace Parley.Standalone.DemoEngine;

/// <summary>Questions about an order that change nothing.</summary>
internal static class OrderTopics
{
    public static Answer AskNumber(Memory memory, Intent topic) => Answer.Ask(
        memory, topic, Expecting.OrderNumber, "Which order is it about? The number starts with ORD, for example ORD123456.");

    public static Answer AskAgain(Memory memory, Intent topic, string text) => Answer.Ask(
        memory, topic, Expecting.OrderNumber, text) with { Confidence = 0.7 };

    public static Answer Status(Memory memory, Order order, DateOnly today)
    {
        var notes = memory.NotesOf(order.Number, today);
        var (what, arrives) = ($"Order {order.Number} ({order.Contents})", Arrival(order, notes, today));
        if (notes.Cancelled) return Answer.Say(memory, $"{what} was cancelled at your request. {Returns.MoneyBack(order)}", Suggestion.Person);

        return order.StatusOn(notes.Day, today) switch
        {
            OrderStatus.Processing => Answer.Say(memory, $"{what} is being prepared. It should arrive {arrives}.", Suggestion.Cancel, Suggestion.Address, Suggestion.Person),
            OrderStatus.Packed => Answer.Say(memory, $"{what} is packed and waits for the carrier. It should arrive {arrives}.", Suggestion.Cancel, Suggestion.Address, Suggestion.Person),
            OrderStatus.Shipped => Answer.Say(memory, $"{what} is on its way with {order.Carrier}. It should arrive {arrives}.", Suggestion.Tracking, Suggestion.Person),
            OrderStatus.OutForDelivery => Answer.Say(memory, $"{what} is out for delivery with {order.Carrier}. It should arrive {arrives}.", Suggestion.Tracking, Suggestion.Person),
            OrderStatus.Delivered => Answer.Say(memory, $"{what} was delivered {arrives}.", Suggestion.Return, Suggestion.Refund, Suggestion.Person),
            _ => Answer.Say(memory, $"{what} is delayed: {order.Carrier} holds it at the depot, and I am sorry for that. It should arrive {arrives}.", Suggestion.Tracking, Suggestion.Person),
        };
    }

    public static Answer Eta(Memory memory, Order order, DateOnly today)
    {
        var notes = memory.NotesOf(order.Number, today);
        if (notes.Cancelled) return Answer.Say(memory, $"Order {order.Number} was cancelled, so nothing will arrive.", Suggestion.Person);

        var to = notes.Address is null ? "" : $" at {notes.Address}";
        var arrives = Arrival(order, notes, today);
        return order.StatusOn(notes.Day, today) == OrderStatus.Delivered
            ? Answer.Say(memory, $"Order {order.Number} has arrived: it was delivered {arrives}{to}.", Suggestion.Return, Suggestion.Person)
            : Answer.Say(memory, $"Order {order.Number} should arrive {arrives}{to}.", Suggestion.Tracking, Suggestion.Person);
    }

    public static Answer Items(Memory memory, Order order) => Answer.Say(
        memory, $"Order {order.Number}: {order.Contents}, {Words.Money(order.TotalCents)} in all.", Suggestion.Status, Suggestion.Person);

    public static Answer Tracking(Memory memory, Order order, DateOnly today)
    {
        var notes = memory.NotesOf(order.Number, today);
        if (notes.Cancelled) return Answer.Say(memory, $"Order {order.Number} was cancelled, so there is no parcel to track.", Suggestion.Person);

        return order.StatusOn(notes.Day, today) is OrderStatus.Processing or OrderStatus.Packed
            ? Answer.Say(memory, $"Order {order.Number} has not left our warehouse yet, so there is no tracking number.", Suggestion.Status, Suggestion.Person)
            : Answer.Say(memory, $"Order {order.Number} travels with {order.Carrier}, tracking number {order.Tracking}.", Suggestion.Status, Suggestion.Person);
    }

    public static string Arrival(Order order, OrderNotes notes, DateOnly today) => Words.Day(order.ArrivesOn(notes.Day), today);
}
