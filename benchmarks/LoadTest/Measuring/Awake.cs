using System.Runtime.InteropServices;
using Parley.LoadTest.Arms;

namespace Parley.LoadTest.Measuring;

/// <summary>
/// Keeps the processors from going to sleep, in a process of its own: a thread on each that spins in the scheduling class for which there is
/// only time that nobody else wants (SCHED_IDLE, sched(7)). What it does for all arms alike is what the kernel's <c>idle=poll</c> does.
/// </summary>
/// <remarks>
/// A virtual processor that has nothing to do is given back to the host, and has to be asked for anew with every wake-up. On a busy host that
/// is up to a tenth of a second, which is the host's and not the measured program's. It shows as time stolen: see <see cref="ProcessUse.Stolen"/>.
/// <para>
/// Where a host serves a virtual disk from the same allowance of processor time, spinning starves the disk: with it an <c>fdatasync</c> of PostgreSQL's took
/// up to five seconds, without it a millisecond. Scenarios that wait for the disk do without.
/// </para>
/// </remarks>
internal static partial class Awake
{
    // <linux/sched.h>
    private const int SchedIdle = 5;

    /// <summary>Null where the system knows no such class.</summary>
    public static ArmProcess? Start() =>
        OperatingSystem.IsLinux() ? ArmProcess.Start(ArmKind.Awake, new ArmSettings { Bootstrap = "", Topic = "", Replies = "", Group = "" }) : null;

    /// <summary>Spins until the process is ended.</summary>
    public static void Run()
    {
        var spinners = Enumerable.Range(0, Environment.ProcessorCount).Select(core => new Thread(() => Spin(core)) { IsBackground = true }).ToList();
        spinners.ForEach(s => s.Start());
        spinners.ForEach(s => s.Join());
    }

    private static void Spin(int core)
    {
        Span<ulong> cores = stackalloc ulong[16];
        cores[core / 64] = 1UL << core % 64;

        // Where a container has other processors than the first ones the thread stays where it is put; spinning in any other class would take time from what is measured.
        _ = SetAffinity(0, (nuint)(cores.Length * sizeof(ulong)), cores);
        if (SetScheduler(0, SchedIdle, 0) != 0) throw new BenchException("the idle scheduling class was refused; measure with --no-awake");
        while (true) Thread.SpinWait(1 << 20);
    }

    /// <param name="thread">0 for the caller.</param>
    /// <param name="priority">A <c>sched_param</c>, of which the priority is the only field; 0 in this class.</param>
    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static partial int SetScheduler(int thread, int policy, in int priority);

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    private static partial int SetAffinity(int thread, nuint size, ReadOnlySpan<ulong> cores);
}
