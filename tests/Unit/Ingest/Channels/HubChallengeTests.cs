using Microsoft.AspNetCore.WebUtilities;
using Microsoft.AspNetCore.Http;
using Parley.Ingest.Channels.Meta;

namespace Parley.Unit.Ingest.Channels;

public sealed class HubChallengeTests
{
    private const string Token = "our-verify-token";

    [Theory]
    [InlineData("1158201444")]
    [InlineData("CHALLENGE_ACCEPTED")]
    [InlineData("<script>alert(1)</script>")]
    public void Echoes_the_challenge_as_it_came(string challenge) =>
        Assert.Equal(challenge, Answer($"?hub.mode=subscribe&hub.verify_token={Token}&hub.challenge={Uri.EscapeDataString(challenge)}"));

    [Theory]
    [InlineData("")]
    [InlineData("?hub.mode=subscribe&hub.challenge=1")]
    [InlineData("?hub.mode=subscribe&hub.verify_token=&hub.challenge=1")]
    [InlineData("?hub.mode=subscribe&hub.verify_token=our-verify-toke&hub.challenge=1")]
    [InlineData("?hub.mode=subscribe&hub.verify_token=our-verify-token2&hub.challenge=1")]
    [InlineData("?hub.mode=subscribe&hub.verify_token=OUR-VERIFY-TOKEN&hub.challenge=1")]
    [InlineData("?hub.mode=subscribe&hub.verify_token=our-verify-token&hub.verify_token=our-verify-token&hub.challenge=1")]
    [InlineData("?hub.mode=unsubscribe&hub.verify_token=our-verify-token&hub.challenge=1")]
    [InlineData("?hub.verify_token=our-verify-token&hub.challenge=1")]
    [InlineData("?hub.mode=subscribe&hub.verify_token=our-verify-token")]
    [InlineData("?hub.mode=subscribe&hub.verify_token=our-verify-token&hub.challenge=")]
    public void Refuses_anything_else(string query) => Assert.Null(Answer(query));

    [Fact]
    public void Refuses_a_challenge_without_end() =>
        Assert.Null(Answer($"?hub.mode=subscribe&hub.verify_token={Token}&hub.challenge={new string('1', 513)}"));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void An_account_without_a_token_refuses_every_handshake(string? ours) =>
        Assert.Null(HubChallenge.Answer(Query("?hub.mode=subscribe&hub.verify_token=&hub.challenge=1"), ours));

    private static string? Answer(string query) => HubChallenge.Answer(Query(query), Token);

    private static QueryCollection Query(string query) => new(QueryHelpers.ParseQuery(query));
}
