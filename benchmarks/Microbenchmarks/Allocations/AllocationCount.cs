namespace Parley.Microbenchmarks.Allocations;

/// <summary>Counts the bytes that a step allocates, on all threads.</summary>
internal static class AllocationCount
{
    private const int Rounds = 7;
    private const int WarmUp = 60;
    private static readonly TimeSpan RoundTime = TimeSpan.FromMilliseconds(60);

    /// <summary>Bytes of one operation: the least of several rounds, as anything else that runs in the process can only add.</summary>
    public static async Task<long> MeasureAsync(Step step)
    {
        for (var i = 0; i < WarmUp; i++) await step.Call();
        var least = double.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var clock = System.Diagnostics.Stopwatch.StartNew();
            var calls = 0;
            var before = GC.GetTotalAllocatedBytes(precise: true);
            do
            {
                for (var i = 0; i < 10; i++) await step.Call();
                calls += 10;
            }
            while (clock.Elapsed < RoundTime);
            least = Math.Min(least, (GC.GetTotalAllocatedBytes(precise: true) - before) / ((double)calls * step.Operations));
        }

        return (long)Math.Round(least);
    }
}
