using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Parley.Common.Stores;
using Parley.Common.Stores.Postgres;
using Parley.Common.Stores.Sqlite;
using Parley.TestKit;

namespace Parley.Integration.Stores;

public sealed class AddStoreTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(TestStore.Kinds), MemberType = typeof(TestStore))]
    public async Task A_host_starts_with_the_schema_made_and_a_healthy_store(string kind)
    {
        await using var test = await TestStore.CreateAsync(kind, Cancellation);
        await using var host = Host(("Store:Kind", kind), ("Store:ConnectionString", test.Options.ConnectionString));
        await host.StartAsync(Cancellation);

        var committer = host.Services.GetRequiredService<GroupCommitter>();
        var turns = Enumerable.Range(0, 40).Select(i => Turns.Answer(Messages.Text("hello", $"user-{i}"))).ToList();
        var outcomes = await Task.WhenAll(turns.Select(t => committer.CommitAsync(t, Cancellation)));
        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(c => c.Tags.Contains("ready"), Cancellation);

        Assert.All(outcomes, outcome => Assert.Equal(CommitOutcome.Committed, outcome));
        Assert.Equal(HealthStatus.Healthy, report.Entries["store"].Status);
        await host.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_store_that_is_gone_is_unhealthy()
    {
        await using var host = Host(("Store:Kind", "postgresql"), ("Store:ConnectionString", $"Host=127.0.0.1;Port={FreePort.Take()};Username=parley"));

        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancellation);

        Assert.Equal(HealthStatus.Unhealthy, report.Entries["store"].Status);
    }

    [Fact]
    public async Task A_start_waits_for_a_store_that_is_not_there_yet_and_then_gives_up()
    {
        await using var host = Host(
            ("Store:Kind", "postgresql"), ("Store:ConnectionString", $"Host=127.0.0.1;Port={FreePort.Take()};Username=parley"), ("Store:StartupWait", "00:00:00"));

        await Assert.ThrowsAsync<StoreUnavailableException>(() => host.StartAsync(Cancellation));
    }

    [Theory]
    [InlineData("Store:Kind", "mongodb", "no MongoDB backend yet")]
    [InlineData("Store:Kind", "oracle", "must be sqlite or postgresql")]
    [InlineData("Store:Kind", "postgresql", "Store:ConnectionString is empty")]
    [InlineData("Store:MaxGroupTurns", "0", "MaxGroupTurns")]
    [InlineData("Store:Linger", "00:01:00", "Store:Linger")]
    [InlineData("Store:StartupWait", "-00:00:01", "Store:StartupWait")]
    public async Task A_wrong_setting_stops_the_start_and_is_named(string setting, string value, string says)
    {
        await using var host = Host((setting, value));

        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Cancellation));

        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "parley.db")]
    [InlineData("some/where.db", "where.db")]
    [InlineData("Data Source=some/where.db;Default Timeout=1", "where.db")]
    public void A_path_is_an_address_of_SQLite(string setting, string file)
    {
        var address = SqliteAddress.Parse(setting);

        Assert.True(Path.IsPathFullyQualified(address.DataSource));
        Assert.Equal(file, Path.GetFileName(address.DataSource));
    }

    [Theory]
    [InlineData(":memory:")]
    [InlineData("Data Source=:memory:")]
    [InlineData("Data Source=x;Mode=Memory")]
    public void A_database_in_memory_is_refused(string setting) =>
        Assert.Contains("Store:ConnectionString", Assert.Throws<ArgumentException>(() => SqliteAddress.Parse(setting)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_URI_is_an_address_of_PostgreSQL()
    {
        var address = PostgresAddress.Parse("postgresql://us%40er:p%3Ass@db.example:6543/my%20db?sslmode=require&application_name=a%26b");

        Assert.Equal(("us@er", "p:ss", "db.example", 6543, "my db"), (address.Username, address.Password, address.Host, address.Port, address.Database));
        Assert.Equal((SslMode.Require, "a&b"), (address.SslMode, address.ApplicationName));
        Assert.Equal(5432, PostgresAddress.Parse("postgres://db.example").Port);
        Assert.Equal("db.example", PostgresAddress.Parse("Host=db.example;Username=u").Host);
    }

    [Fact]
    public void What_an_address_of_PostgreSQL_leaves_open_is_chosen_and_the_rest_is_kept()
    {
        var chosen = PostgresAddress.Parse("Host=h");
        var given = PostgresAddress.Parse("Host=h;Application Name=mine;Maximum Pool Size=3;No Reset On Close=false");

        Assert.Equal(("parley", 20, true), (chosen.ApplicationName, chosen.MaxPoolSize, chosen.NoResetOnClose));
        Assert.Equal(("mine", 3, false), (given.ApplicationName, given.MaxPoolSize, given.NoResetOnClose));
    }

    [Theory]
    [InlineData("postgresql://user:secret-word@/db")]
    [InlineData("Username=user;Password=secret-word")]
    [InlineData("Host=h;Password=secret-word;Colour=red")]
    public void A_wrong_address_is_refused_without_its_password(string setting)
    {
        var refused = Assert.ThrowsAny<ArgumentException>(() => PostgresAddress.Parse(setting));

        Assert.DoesNotContain("secret-word", refused.Message, StringComparison.Ordinal);
    }

    private static WebApplication Host(params (string Name, string Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        foreach (var (name, value) in settings) builder.Configuration[name] = value;
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        builder.AddStore();
        builder.AddStore();
        return builder.Build();
    }
}
