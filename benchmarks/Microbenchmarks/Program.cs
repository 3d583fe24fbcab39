using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Parley.Microbenchmarks.Allocations;

if (args is ["allocations", ..]) return await AllocationCheck.RunAsync(write: args.Contains("--write"));

// In this process: the usual toolchain builds a project of its own, which a partial package feed may not let it.
var config = ManualConfig.Create(DefaultConfig.Instance)
    .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
    .AddDiagnoser(MemoryDiagnoser.Default)
    .WithArtifactsPath(Path.Combine(Parley.TestKit.Repository.Root, "artifacts", "benchmarks"))
    .HideColumns(Column.Error, Column.StdDev, Column.RatioSD);
BenchmarkSwitcher.FromAssembly(typeof(Parley.Microbenchmarks.LaneBenchmark).Assembly).Run(args, config);
return 0;
