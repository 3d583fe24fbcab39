using Parley.Standalone.CommandLine;
using Parley.Standalone.Serving;

namespace Parley.Unit.Standalone.CommandLine;

public sealed class ParsingTests
{
    [Fact]
    public void Serve_takes_port_data_and_any_setting()
    {
        var options = Serve("--port", "0", "--data", "/tmp/x", "--verbose", "--Engine:Deadline=00:00:05", "--Kafka:BootstrapServers", "a:1,b:2");

        Assert.Equal((0, "/tmp/x", true), (options.Port, options.Data, options.Verbose));
        Assert.Equal(["--Engine:Deadline=00:00:05", "--Kafka:BootstrapServers=a:1,b:2"], options.Settings);
    }

    [Fact]
    public void Serve_listens_on_this_machine_only_unless_told_otherwise()
    {
        Assert.Equal("127.0.0.1", Serve().Host);
        Assert.Equal("0.0.0.0", Serve("--host", "0.0.0.0").Host);
    }

    [Theory]
    [InlineData("--prot=8080", "'--prot=8080' is not an option")]
    [InlineData("extra", "'extra' is not an option")]
    [InlineData("--Kafak:BootstrapServers=x", "there is no section 'Kafak'")]
    [InlineData("--Kafka:BootstrapServers", "is not an option")]
    public void A_mistyped_setting_is_named(string setting, string problem)
    {
        var e = Assert.Throws<CannotStartException>(() => StandaloneSettings.Parse(Serve(setting).Settings));

        Assert.Contains(problem, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("serve", "--port", "eighty")]
    [InlineData("send")]
    [InlineData("send", "carrier-pigeon", "--text", "x")]
    [InlineData("send", "web", "--test", "x")]
    [InlineData("history")]
    [InlineData("token", "--expires", "soon")]
    [InlineData("inbound", "--count", "many")]
    [InlineData("sevre")]
    public void A_wrong_call_is_an_error_in_one_line(params string[] args)
    {
        var problem = ParleyCommand.ProblemOf(ParleyCommand.Build().Parse(args));

        Assert.NotNull(problem);
        Assert.DoesNotContain('\n', problem);
    }

    [Theory]
    [InlineData("90s", 90)]
    [InlineData("30m", 1800)]
    [InlineData("12h", 43_200)]
    [InlineData("7d", 604_800)]
    public void A_life_is_a_number_and_a_unit(string text, int seconds)
    {
        Assert.True(TokenCommand.TryParseLife(text, out var life));
        Assert.Equal(TimeSpan.FromSeconds(seconds), life);
    }

    [Theory]
    [InlineData("")]
    [InlineData("h")]
    [InlineData("0h")]
    [InlineData("-1h")]
    [InlineData("1.5h")]
    [InlineData("10")]
    [InlineData("10y")]
    [InlineData("99999999d")]
    public void Any_other_life_is_refused(string text) => Assert.False(TokenCommand.TryParseLife(text, out _));

    private static ServeOptions Serve(params string[] args) => ServeCommand.Read(ParleyCommand.Build().Parse(["serve", .. args]));
}
