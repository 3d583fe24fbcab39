using System.Globalization;
using Google.Protobuf.WellKnownTypes;

namespace Parley.Standalone.DemoEngine;

/// <summary>What the assistant remembers of a conversation. It travels as the turn's context: the assistant itself keeps nothing.</summary>
internal sealed record Memory
{
    public string? Name { get; init; }
    public bool Greeted { get; init; }

    /// <summary>The order last talked about: what "it" means.</summary>
    public string? Order { get; init; }

    /// <summary>What the customer was after when the assistant asked back.</summary>
    public Intent Topic { get; init; }

    /// <summary>What the assistant asked for; null for nothing in particular.</summary>
    public string? Expecting { get; init; }

    /// <summary>Messages in a row that were not understood.</summary>
    public int Puzzled { get; init; }

    public IReadOnlyDictionary<string, OrderNotes> Orders { get; init; } = new SortedDictionary<string, OrderNotes>(StringComparer.Ordinal);

    public OrderNotes NotesOf(string order, DateOnly today) => Orders.GetValueOrDefault(order) ?? new OrderNotes(today);

    public Memory WithNotes(string order, OrderNotes notes) => this with
    {
        Orders = new SortedDictionary<string, OrderNotes>(Orders.ToDictionary(), StringComparer.Ordinal) { [order] = notes },
    };

    /// <summary>Reads a context. What is missing or of another kind (another engine's context) counts as not known.</summary>
    public static Memory Read(Struct? context)
    {
        if (context is null) return new Memory();

        var orders = new SortedDictionary<string, OrderNotes>(StringComparer.Ordinal);
        foreach (var (number, notes) in context.Fields.GetValueOrDefault("orders")?.StructValue?.Fields ?? [])
        {
            if (OrderNotes.Read(notes.StructValue) is { } read) orders[number] = read;
        }

        return new Memory
        {
            Name = Text(context, "name"),
            Greeted = context.Fields.GetValueOrDefault("greeted")?.BoolValue ?? false,
            Order = Text(context, "order"),
            Topic = Intents.Named(Text(context, "topic") ?? ""),
            Expecting = Text(context, "expecting"),
            Puzzled = (int)Math.Clamp(context.Fields.GetValueOrDefault("puzzled")?.NumberValue ?? 0, 0, 100),
            Orders = orders,
        };
    }

    public Struct Write()
    {
        var context = new Struct();
        if (Name is not null) context.Fields["name"] = Value.ForString(Name);
        if (Greeted) context.Fields["greeted"] = Value.ForBool(true);
        if (Order is not null) context.Fields["order"] = Value.ForString(Order);
        if (Topic != Intent.None) context.Fields["topic"] = Value.ForString(Intents.NameOf(Topic));
        if (Expecting is not null) context.Fields["expecting"] = Value.ForString(Expecting);
        if (Puzzled > 0) context.Fields["puzzled"] = Value.ForNumber(Puzzled);
        if (Orders.Count > 0)
        {
            var orders = new Struct();
            foreach (var (number, notes) in Orders) orders.Fields[number] = Value.ForStruct(notes.Write());
            context.Fields["orders"] = Value.ForStruct(orders);
        }

        return context;
    }

    internal static string? Text(Struct context, string member) =>
        context.Fields.GetValueOrDefault(member) is { KindCase: Value.KindOneofCase.StringValue, StringValue: { Length: > 0 } text } ? text : null;
}

/// <summary>What the customer did to an order.</summary>
/// <param name="Day">When the order first came up: its dates count from here, so that they stay the same tomorrow.</param>
/// <param name="Cancelled">Cancelled in this conversation.</param>
/// <param name="Address">The new address, when it was changed.</param>
/// <param name="Return">The number of the return, when one was registered.</param>
internal sealed record OrderNotes(DateOnly Day, bool Cancelled = false, string? Address = null, string? Return = null)
{
    public static OrderNotes? Read(Struct? notes) =>
        notes is not null && DateOnly.TryParseExact(Memory.Text(notes, "day"), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? new OrderNotes(day, notes.Fields.GetValueOrDefault("cancelled")?.BoolValue ?? false, Memory.Text(notes, "address"), Memory.Text(notes, "return"))
            : null;

    public Struct Write()
    {
        var notes = new Struct { Fields = { ["day"] = Value.ForString(Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)) } };
        if (Cancelled) notes.Fields["cancelled"] = Value.ForBool(true);
        if (Address is not null) notes.Fields["address"] = Value.ForString(Address);
        if (Return is not null) notes.Fields["return"] = Value.ForString(Return);
        return notes;
    }
}
