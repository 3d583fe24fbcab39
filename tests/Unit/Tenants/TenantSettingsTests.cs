using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration;
using Parley.Common.Tenants;

namespace Parley.Unit.Tenants;

public sealed class TenantSettingsTests
{
    [Fact]
    public void Five_attempts_and_then_the_conversation_parks_unless_the_tenant_says_otherwise()
    {
        var standard = Read().All.Single().Failures;
        Assert.Equal((5, WhenSpent.Block), (standard.MaxAttempts, standard.WhenSpent));
        var own = Read(("MaxAttempts", "2"), ("WhenSpent", "skip")).All.Single().Failures;
        Assert.Equal((2, WhenSpent.Skip), (own.MaxAttempts, own.WhenSpent));
    }

    [Theory]
    [InlineData("MaxAttempts", "0")]
    [InlineData("MaxAttempts", "101")]
    [InlineData("WhenSpent", "7")]
    public void What_is_out_of_range_stops_the_start_and_is_named(string setting, string value) => Assert.Contains(
        $"Tenants:0:Failures:{setting}", Assert.Throws<ValidationException>(() => Read((setting, value))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_word_that_is_no_policy_stops_the_start_and_is_named() => Assert.Contains(
        "Tenants:0:Failures:WhenSpent", Assert.Throws<InvalidOperationException>(() => Read(("WhenSpent", "perhaps"))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("Accounts:0:UnknownSends")]
    [InlineData("TurnPolicies:web:Mode")]
    public void A_word_that_cannot_be_read_drops_no_account_and_no_policy_in_silence(string setting) => Assert.Contains(
        $"Tenants:0:{setting}",
        Assert.Throws<InvalidOperationException>(() => TenantDirectory.Read(new ConfigurationBuilder().AddInMemoryCollection(
            new Dictionary<string, string?> { ["Tenants:0:Id"] = "demo", [$"Tenants:0:{setting}"] = "perhaps" }).Build())).Message,
        StringComparison.Ordinal);

    private static TenantDirectory Read(params (string Name, string Value)[] failures) => TenantDirectory.Read(new ConfigurationBuilder().AddInMemoryCollection(
        failures.Select(f => KeyValuePair.Create($"Tenants:0:Failures:{f.Name}", (string?)f.Value)).Append(new("Tenants:0:Id", "demo"))).Build());
}
