using System.Globalization;

namespace Parley.TestKit.Plots;

/// <summary>From values to places on the paper, with ticks at round numbers.</summary>
internal sealed class Axis
{
    private readonly double _low;
    private readonly double _high;
    private readonly bool _log;

    public Axis(IReadOnlyCollection<double> values, bool log, bool fromZero)
    {
        _log = log;
        var (low, high) = values.Count == 0 ? (0.0, 1.0) : (values.Min(), values.Max());
        if (log)
        {
            if (low <= 0) throw new ArgumentException("a logarithmic axis needs values above 0", nameof(values));
            (_low, _high) = (Math.Log10(low), Math.Log10(high));
            if (!fromZero && _high > _low) Ticks = LogTicks(low, high);
            else (_low, _high, Ticks) = (Math.Floor(_low), Math.Ceiling(Math.Max(_high, Math.Floor(_low) + 1)), []);
            if (Ticks.Count == 0) Ticks = [.. Enumerable.Range((int)_low, (int)(_high - _low) + 1).Select(e => Math.Pow(10, e))];
            return;
        }

        if (fromZero) low = Math.Min(0, low);
        if (high <= low) high = low + 1;
        var step = Step((high - low) / 5);
        _low = fromZero ? Math.Floor(low / step) * step : low;
        _high = fromZero ? Math.Ceiling(high / step - 1e-9) * step : high;
        var ticks = new List<double>();
        for (var i = (long)Math.Ceiling(_low / step - 1e-9); i * step <= _high + step * 1e-9; i++) ticks.Add(i * step);
        Ticks = ticks;
    }

    public IReadOnlyList<double> Ticks { get; }

    /// <summary>0 at the low end, 1 at the high end.</summary>
    public double Place(double value) => ((_log ? Math.Log10(value) : value) - _low) / (_high - _low);

    public static string Text(double value) => Math.Abs(value) switch
    {
        >= 1_000_000 => (value / 1_000_000).ToString("0.##", CultureInfo.InvariantCulture) + " M",
        >= 1_000 => value.ToString("#,0", CultureInfo.InvariantCulture),
        _ => value.ToString("0.###", CultureInfo.InvariantCulture),
    };

    private static double Step(double rough)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        return (rough / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 } * power;
    }

    private static List<double> LogTicks(double low, double high)
    {
        var ticks = new List<double>();
        foreach (var factors in (double[][])[[1], [1, 3], [1, 2, 5]])
        {
            ticks.Clear();
            for (var e = (int)Math.Floor(Math.Log10(low)); e <= Math.Log10(high) + 1; e++)
            {
                ticks.AddRange(factors.Select(f => f * Math.Pow(10, e)).Where(t => t >= low * 0.999 && t <= high * 1.001));
            }

            if (ticks.Count >= 3) break;
        }

        return ticks;
    }
}
