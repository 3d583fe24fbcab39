using Parley.Common.Stores.Sql;

namespace Parley.Integration.Stores;

public sealed class WavesTests
{
    [Fact]
    public void What_touches_nothing_in_common_is_one_wave() =>
        Assert.Equal([[0, 1, 2]], Waves.Split(["a", "b", "c"], s => s));

    [Fact]
    public void What_touches_the_same_comes_later_in_its_order() =>
        Assert.Equal([[0, 1], [2], [3, 4]], Waves.Split(["a", "b", "ab", "ac", "bd"], s => s));

    [Fact]
    public void Nothing_gives_no_waves() => Assert.Empty(Waves.Split(Array.Empty<string>(), s => s));

    [Fact]
    public void A_random_list_is_split_without_collision_and_in_order()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var items = Enumerable.Range(0, 200).Select(_ => Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(40)).ToArray()).ToArray();

        var waves = Waves.Split(items, i => i);

        Assert.Equal(Enumerable.Range(0, items.Length), waves.SelectMany(w => w).Order());
        var wave = waves.SelectMany((indexes, w) => indexes.Select(i => (Index: i, Wave: w))).ToDictionary(x => x.Index, x => x.Wave);
        for (var i = 0; i < items.Length; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (items[i].Intersect(items[j]).Any()) Assert.True(wave[j] < wave[i], $"seed {seed}: {j} in wave {wave[j]}, {i} in {wave[i]}");
            }
        }
    }
}
