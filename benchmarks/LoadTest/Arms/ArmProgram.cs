using System.Runtime.InteropServices;
using Parley.LoadTest.Measuring;

namespace Parley.LoadTest.Arms;

/// <summary>What a child process of the load test does: one arm, told by its environment, until it is stopped.</summary>
internal static partial class ArmProgram
{
    public static async Task<int> RunAsync(string name)
    {
        EndWithParent();
        var arm = ArmSettings.FromEnvironment();
        switch (name)
        {
            case ArmKind.Parley or ArmKind.Ingest or ArmKind.Dispatcher: await HostArm.RunAsync(name, arm); return 0;
            case ArmKind.Kestrel: await KestrelArm.RunAsync(arm); return 0;
            case ArmKind.Raw: RawArm.Run(arm); return 0;
            case ArmKind.Client: ClientArm.Run(arm); return 0;
            case ArmKind.Sequential: SequentialArm.Run(arm); return 0;
            case ArmKind.HashLanes: HashLanesArm.Run(arm); return 0;
            case ArmKind.GrpcEngine: await GrpcEngineArm.RunAsync(arm); return 0;
            case ArmKind.Awake: Awake.Run(); return 0;
            default: throw new BenchException($"no such arm: '{name}'");
        }
    }

    // A load test that is killed must not leave its arms behind.
    private static void EndWithParent()
    {
        var parent = GetParent();
        new Thread(() =>
        {
            while (GetParent() == parent) Thread.Sleep(500);
            Environment.Exit(3);
        }) { IsBackground = true }.Start();
    }

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int GetParent();
}
