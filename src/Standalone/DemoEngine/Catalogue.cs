namespace Parley.Standalone.DemoEngine;

/// <summary>What the demo shop sells.</summary>
internal static class Catalogue
{
    public const string Shop = "Larch & Loom";

    /// <summary>The order of the items matters: order numbers are mapped to places in it, here and in the Python sample.</summary>
    public static IReadOnlyList<Product> Products { get; } =
    [
        new("Walnut desk lamp", 4990),
        new("Linen duvet cover", 7900),
        new("Set of 4 stoneware mugs", 3450),
        new("Cast-iron pan", 6400),
        new("Wool throw", 8900),
        new("Oak side table", 14900),
        new("Brass picture frame", 2490),
        new("Bamboo cutting board", 2990),
        new("Espresso maker", 3990),
        new("Pair of bath towels", 2750),
        new("Ceramic plant pot", 1990),
        new("Set of 3 beeswax candles", 2200),
    ];
}

/// <summary>A thing to buy.</summary>
internal sealed record Product(string Name, int PriceCents);
