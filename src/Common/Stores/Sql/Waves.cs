namespace Parley.Common.Stores.Sql;

/// <summary>Splits a list into waves, so that no two of one wave touch the same thing and what touches it comes in the order of the list.</summary>
internal static class Waves
{
    /// <returns>Indexes into <paramref name="items"/>; nearly always one wave.</returns>
    public static IReadOnlyList<IReadOnlyList<int>> Split<T, TTouched>(IReadOnlyList<T> items, Func<T, IEnumerable<TTouched>> touches)
        where TTouched : notnull
    {
        var waves = new List<List<int>>();
        var nextWave = new Dictionary<TTouched, int>(items.Count);
        for (var i = 0; i < items.Count; i++)
        {
            var wave = 0;
            foreach (var touched in touches(items[i])) wave = Math.Max(wave, nextWave.GetValueOrDefault(touched));
            foreach (var touched in touches(items[i])) nextWave[touched] = wave + 1;

            while (waves.Count <= wave) waves.Add([]);
            waves[wave].Add(i);
        }

        return waves;
    }
}
