using System.Reflection;
using BenchmarkDotNet.Attributes;

namespace Parley.Microbenchmarks.Allocations;

/// <summary>A benchmark, as something whose allocations can be counted without any timing.</summary>
/// <param name="Name"><c>Class.Method</c>, with the parameter where there is one.</param>
/// <param name="Call">One invocation.</param>
/// <param name="Operations">That one invocation counts for.</param>
internal sealed record Step(string Name, Func<ValueTask> Call, int Operations)
{
    /// <summary>The steps of a benchmark's class, set up. Disposing of the instance is the caller's.</summary>
    public static IEnumerable<Step> Of(object benchmark, string parameter)
    {
        foreach (var method in benchmark.GetType().GetMethods().Where(m => m.GetCustomAttribute<BenchmarkAttribute>() is not null))
        {
            var name = $"{benchmark.GetType().Name.Replace("Benchmark", "", StringComparison.Ordinal)}.{method.Name}{(parameter.Length > 0 ? $"({parameter})" : "")}";
            yield return new Step(name, Bind(benchmark, method), Math.Max(1, method.GetCustomAttribute<BenchmarkAttribute>()!.OperationsPerInvoke));
        }
    }

    // A typed delegate: calling by reflection would allocate, and so would boxing what comes back.
    private static Func<ValueTask> Bind(object target, MethodInfo method)
    {
        var binder = typeof(Task).IsAssignableFrom(method.ReturnType) ? nameof(BindTask) : nameof(BindValue);
        var type = binder == nameof(BindTask) ? typeof(Task) : method.ReturnType;
        return (Func<ValueTask>)typeof(Step).GetMethod(binder, BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(type).Invoke(null, [target, method])!;
    }

    private static Func<ValueTask> BindTask<T>(object target, MethodInfo method) where T : Task
    {
        var call = method.CreateDelegate<Func<T>>(target);
        return () => new ValueTask(call());
    }

    private static Func<ValueTask> BindValue<T>(object target, MethodInfo method)
    {
        var call = method.CreateDelegate<Func<T>>(target);
        return () =>
        {
            GC.KeepAlive(call() is null);
            return default;
        };
    }
}
