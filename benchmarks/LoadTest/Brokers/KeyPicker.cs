namespace Parley.LoadTest.Brokers;

/// <summary>Which conversation the next record belongs to; the same sequence for the same arguments.</summary>
internal sealed class KeyPicker
{
    private readonly Random _random = new(7);
    private readonly double[] _cumulated;

    public KeyPicker(int conversations, double zipf)
    {
        _cumulated = new double[conversations];
        var sum = 0.0;
        for (var i = 0; i < conversations; i++) _cumulated[i] = sum += Math.Pow(i + 1, -zipf);
    }

    public int Next()
    {
        var found = Array.BinarySearch(_cumulated, _random.NextDouble() * _cumulated[^1]);
        return Math.Min(found < 0 ? ~found : found, _cumulated.Length - 1);
    }
}
