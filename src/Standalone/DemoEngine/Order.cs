using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Parley.Standalone.DemoEngine;

/// <summary>An order of the demo shop. There is no list of orders: everything about one follows from the SHA-256 of its number.</summary>
internal sealed partial record Order(string Number, OrderStatus Status, IReadOnlyList<OrderLine> Lines, int EtaDays, string Carrier, string Tracking)
{
    private static readonly OrderStatus[] Statuses =
    [
        OrderStatus.Processing, OrderStatus.Packed, OrderStatus.Shipped, OrderStatus.Shipped,
        OrderStatus.OutForDelivery, OrderStatus.Delivered, OrderStatus.Delivered, OrderStatus.Delayed,
    ];

    private static readonly (string Name, string Prefix)[] Carriers = [("Swift Parcel", "SP"), ("Northline", "NL"), ("Green Van", "GV"), ("Harbour Post", "HP")];

    /// <summary>The order number in a text, as <c>ORD123456</c>; null when there is none. Any case, with a blank, a hyphen or # as people write it.</summary>
    /// <param name="bare">Whether six digits alone are an order number too (in an address they are not).</param>
    public static string? NumberIn(string text, bool bare) =>
        (bare ? BarePattern() : NumberPattern()).Match(text) is { Success: true } match ? "ORD" + match.Groups[1].Value : null;

    /// <summary>True when somebody tried to give an order number and got its length wrong.</summary>
    public static bool HasMalformedNumber(string text) => NumberIn(text, bare: false) is null && MalformedPattern().IsMatch(text);

    /// <summary>The order of a number; null when the shop has none (ORD000000).</summary>
    public static Order? Find(string number)
    {
        if (number == "ORD000000") return null;

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.ASCII.GetBytes(number), hash);
        var status = Statuses[hash[0] % Statuses.Length];
        var carrier = Carriers[hash[9] % Carriers.Length];
        return new Order(number, status, LinesOf(hash), EtaOf(status, hash[8]), carrier.Name, carrier.Prefix + Convert.ToHexString(hash[10..14]));
    }

    public int TotalCents => Lines.Sum(line => line.Quantity * line.Product.PriceCents);

    /// <summary>For example <c>2 × Wool throw and 1 × Espresso maker</c>.</summary>
    public string Contents => Words.List(Lines.Select(line => $"{line.Quantity} × {line.Product.Name}").ToList());

    /// <summary>When it arrives or arrived, for somebody who first asked on a day.</summary>
    public DateOnly ArrivesOn(DateOnly firstAsked) => firstAsked.AddDays(EtaDays);

    /// <summary>How far it is today, when it was as <see cref="Status"/> says on the day somebody first asked: time goes on between two messages.</summary>
    public OrderStatus StatusOn(DateOnly firstAsked, DateOnly today) => (ArrivesOn(firstAsked).DayNumber - today.DayNumber) switch
    {
        < 0 => OrderStatus.Delivered,
        0 => OrderStatus.OutForDelivery,
        1 or 2 when today > firstAsked => OrderStatus.Shipped,
        _ => Status,
    };

    private static List<OrderLine> LinesOf(ReadOnlySpan<byte> hash)
    {
        var lines = new List<OrderLine>();
        var taken = new HashSet<int>();
        for (var i = 0; i < 1 + hash[1] % 3; i++)
        {
            var place = hash[2 + i] % Catalogue.Products.Count;
            while (!taken.Add(place)) place = (place + 1) % Catalogue.Products.Count;
            lines.Add(new OrderLine(1 + hash[5 + i] % 2, Catalogue.Products[place]));
        }

        return lines;
    }

    private static int EtaOf(OrderStatus status, byte chance) => status switch
    {
        OrderStatus.Processing => 4 + chance % 3,
        OrderStatus.Packed => 3 + chance % 2,
        OrderStatus.Shipped => 1 + chance % 3,
        OrderStatus.OutForDelivery => 0,
        OrderStatus.Delivered => -1 - chance % 6,
        _ => 5 + chance % 4,
    };

    [GeneratedRegex(@"(?<![0-9a-z])(?:ORD[ \-]?|#)([0-9]{6})(?![0-9a-z])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex NumberPattern();

    [GeneratedRegex(@"(?<![0-9a-z])(?:ORD[ \-]?|#)?([0-9]{6})(?![0-9a-z])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex BarePattern();

    [GeneratedRegex(@"(?<![0-9a-z])ORD[ \-]?[0-9]+", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex MalformedPattern();
}

/// <summary>How far an order is.</summary>
internal enum OrderStatus { Processing, Packed, Shipped, OutForDelivery, Delivered, Delayed }

/// <summary>So many of a product.</summary>
internal sealed record OrderLine(int Quantity, Product Product);
