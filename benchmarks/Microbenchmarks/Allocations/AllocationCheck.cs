using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using BenchmarkDotNet.Attributes;

namespace Parley.Microbenchmarks.Allocations;

/// <summary>
/// Compares what each step allocates with <c>budgets.json</c>. No timing, so it means the same on any machine and may stop a build.
/// </summary>
internal static class AllocationCheck
{
    private const string Tiers = "DOTNET_TieredCompilation";
    private const string File = "budgets.json";
    private const double Margin = 1.03;
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <param name="write">Write the file from what is measured, with a small margin, instead of comparing.</param>
    /// <returns>0 when every step is within its budget.</returns>
    public static async Task<int> RunAsync(bool write)
    {
        // Code that is optimised step by step allocates less after a while; here it is optimised at once.
        if (Environment.GetEnvironmentVariable(Tiers) != "0") return await AgainWithoutTiersAsync(write);

        var measured = await MeasureAsync();
        if (write)
        {
            var path = Path.Combine(TestKit.Repository.Root, "benchmarks", "Microbenchmarks", File);
            var budgets = measured.ToDictionary(m => m.Key, m => m.Value == 0 ? 0 : (long)Math.Ceiling(m.Value * Margin / 8) * 8);
            await System.IO.File.WriteAllTextAsync(path, JsonSerializer.Serialize(budgets, Indented) + "\n");
            Console.WriteLine($"written: {Path.GetRelativePath(Environment.CurrentDirectory, path)}");
            return 0;
        }

        var known = JsonSerializer.Deserialize<Dictionary<string, long>>(await System.IO.File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, File)))!;
        return Compare(measured, known) ? 0 : 1;
    }

    private static bool Compare(Dictionary<string, long> measured, Dictionary<string, long> budgets)
    {
        var within = 0;
        Console.WriteLine($"{"step",-38} {"bytes",9} {"budget",9}");
        foreach (var (name, bytes) in measured)
        {
            var budget = budgets.TryGetValue(name, out var found) ? found : (long?)null;
            var problem = budget is null ? $"  no budget in {File}" : bytes > budget ? string.Create(CultureInfo.InvariantCulture, $"  EXCEEDED by {bytes - budget}") : "";
            if (problem.Length == 0) within++;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-38} {bytes,9:N0} {budget,9:N0}{problem}"));
        }

        var gone = budgets.Keys.Except(measured.Keys).ToList();
        foreach (var name in gone) Console.WriteLine($"{name,-38} has a budget, but there is no such step");
        Console.WriteLine($"{within} of {measured.Count} steps within their budget");
        return within == measured.Count && gone.Count == 0;
    }

    private static async Task<Dictionary<string, long>> MeasureAsync()
    {
        var measured = new Dictionary<string, long>();
        foreach (var type in typeof(AllocationCheck).Assembly.GetTypes().Where(t => t.GetMethods().Any(m => m.GetCustomAttribute<BenchmarkAttribute>() is not null)))
        {
            var parameter = type.GetProperties().SingleOrDefault(p => p.GetCustomAttribute<ParamsAttribute>() is not null);
            foreach (var value in parameter?.GetCustomAttribute<ParamsAttribute>()!.Values ?? [null])
            {
                var benchmark = Activator.CreateInstance(type)!;
                parameter?.SetValue(benchmark, value);
                type.GetMethods().FirstOrDefault(m => m.GetCustomAttribute<GlobalSetupAttribute>() is not null)?.Invoke(benchmark, null);
                foreach (var step in Step.Of(benchmark, value is null ? "" : Convert.ToString(value, CultureInfo.InvariantCulture)!))
                {
                    measured[step.Name] = await AllocationCount.MeasureAsync(step);
                }

                (benchmark as IDisposable)?.Dispose();
            }
        }

        return measured;
    }

    private static async Task<int> AgainWithoutTiersAsync(bool write)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, write ? ["allocations", "--write"] : ["allocations"]);
        start.Environment[Tiers] = "0";
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
