using Grpc.Core;
using Parley.Engine.V1;
using Parley.Processor.Engine;
using Parley.TestKit;
using Parley.TestKit.Dialogues;

namespace Parley.Integration.Standalone;

/// <summary>The Python sample behind the project's own gRPC client.</summary>
public sealed class PythonEngineTests(PythonEngine python) : IClassFixture<PythonEngine>
{
    public static TheoryData<string> Names => [.. SampleDialogues.All.Select(d => d.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Answers_as_the_sample_dialogues_say(string name)
    {
        Assert.SkipWhen(python.Missing is not null, python.Missing ?? "");
        using var engine = new GrpcEngine(python.Address);

        await SampleDialogues.All.Single(d => d.Name == name).PlayAsync(request => engine.ProcessAsync(request, DateTime.UtcNow.AddSeconds(10), Token));
    }

    [Fact]
    public async Task Says_that_it_serves()
    {
        Assert.SkipWhen(python.Missing is not null, python.Missing ?? "");
        using var engine = new GrpcEngine(python.Address);

        Assert.True(await engine.IsServingAsync(DateTime.UtcNow.AddSeconds(10), Token));
    }

    [Fact]
    public async Task Refuses_a_turn_without_messages()
    {
        Assert.SkipWhen(python.Missing is not null, python.Missing ?? "");
        using var engine = new GrpcEngine(python.Address);

        var e = await Assert.ThrowsAsync<RpcException>(() => engine.ProcessAsync(new ProcessMessageRequest(), DateTime.UtcNow.AddSeconds(10), Token));

        Assert.Equal(StatusCode.InvalidArgument, e.StatusCode);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}

/// <summary>One server for all tests of the class.</summary>
public sealed class PythonEngine : IAsyncLifetime
{
    // Debian's modules are in the system's Python only.
    private static readonly string[] Interpreters = ["/usr/bin/python3", "python3"];
    private ChildProcess? _process;

    /// <summary>Why it does not run; null when it does.</summary>
    public string? Missing { get; private set; } = "no Python 3 with grpcio and protobuf is installed";

    public string Address { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        foreach (var interpreter in Interpreters.Where(i => File.Exists(i) || ChildProcess.Find(i) is not null))
        {
            await using var probe = ChildProcess.Start(interpreter, ["-c", "import grpc, google.protobuf"]);
            if (await probe.WaitAsync(CancellationToken.None) != 0) continue;

            _process = ChildProcess.Start(
                interpreter, ["-u", Path.Combine(Repository.Root, "samples", "engine-python", "engine.py"), "--port", "0"],
                new Dictionary<string, string?> { ["PYTHONDONTWRITEBYTECODE"] = "1" });
            await Eventually.True(() => _process.Output.Contains("ready ", StringComparison.Ordinal) || _process.HasExited, CancellationToken.None);
            Assert.False(_process.HasExited, _process.AllOutput);
            Address = _process.Output.Split('\n').First(l => l.StartsWith("ready ", StringComparison.Ordinal))["ready ".Length..].Trim();
            Missing = null;
            return;
        }
    }

    public ValueTask DisposeAsync() => _process?.DisposeAsync() ?? ValueTask.CompletedTask;
}
