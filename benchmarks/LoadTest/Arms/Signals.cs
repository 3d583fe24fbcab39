using System.Runtime.InteropServices;

namespace Parley.LoadTest.Arms;

internal static partial class Signals
{
    private const int Sigkill = 9;

    /// <summary>Ends a process that this one's children started.</summary>
    public static void Kill(int process) => _ = Send(process, Sigkill);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Send(int process, int signal);
}
