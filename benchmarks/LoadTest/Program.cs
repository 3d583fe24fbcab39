using Parley.LoadTest;
using Parley.LoadTest.Arms;

try
{
    return args is ["arm", var name] ? await ArmProgram.RunAsync(name) : await LoadTestProgram.RunAsync(BenchSettings.Parse(args));
}
catch (BenchException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
