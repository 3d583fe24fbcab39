using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Parley.Common.Tenants;
using Parley.Ingest.Api.Tokens;

namespace Parley.Unit.Ingest.Api;

public sealed class TokenVerifierTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);
    private static readonly RSA Rsa = RSA.Create(2048);
    private static readonly RSA OtherRsa = RSA.Create(2048);
    private static readonly ECDsa Ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private readonly string _jwks = Path.GetTempFileName();
    private readonly TokenVerifier _verifier;

    public TokenVerifierTests()
    {
        File.WriteAllText(_jwks, new JsonObject { ["keys"] = new JsonArray(RsaKey("rsa-1"), EcKey("ec-1")) }.ToJsonString());
        var tenants = new TenantDirectory(
        [
            new Tenant { Id = "demo", JwtSecrets = [Tokens.Secret, "the-secret-that-is-being-rotated-out-now"], JwksFile = _jwks },
            new Tenant { Id = "other", JwtSecrets = ["a-secret-of-the-other-tenant-that-is-long-enough"] },
            new Tenant { Id = "keyless" },
        ]);
        _verifier = new TokenVerifier(tenants, new TenantKeys(tenants), new FixedTime(Now));
    }

    public void Dispose() => File.Delete(_jwks);

    [Fact]
    public async Task Reads_every_claim_of_a_good_token()
    {
        var caller = await Accept(Tokens.Hs256(Tokens.Header(), Tokens.Claims(Now).With("rate_limit_tier", "gold")));
        Assert.Equal(("demo", "backend", "service", "gold"), (caller.Tenant.Id, caller.Subject, caller.Role, caller.Tier));
        Assert.True(caller.May("chat:send") && caller.May("chat:read") && !caller.May("chat:admin"));
        Assert.Equal(Now.AddHours(1), caller.ExpiresAt);
        Assert.Null(caller.Visitor);
    }

    private static readonly Dictionary<string, string> Good = new()
    {
        ["the older secret"] = Tokens.Hs256(Tokens.Header(), Tokens.Claims(Now), "the-secret-that-is-being-rotated-out-now"),
        ["RS256 with key id"] = Tokens.Rs256(Tokens.Header("RS256").With("kid", "rsa-1"), Tokens.Claims(Now), Rsa),
        ["RS256 without key id"] = Tokens.Rs256(Tokens.Header("RS256"), Tokens.Claims(Now), Rsa),
        ["ES256"] = Tokens.Es256(Tokens.Header("ES256").With("kid", "ec-1"), Tokens.Claims(Now), Ec),
        ["no typ"] = Tokens.Hs256(Tokens.Header().Without("typ"), Tokens.Claims(Now)),
        ["at+jwt"] = Tokens.Hs256(Tokens.Header().With("typ", "at+jwt"), Tokens.Claims(Now)),
        ["key id of nobody's HS256 key"] = Tokens.Hs256(Tokens.Header().With("kid", "k7"), Tokens.Claims(Now)),
        ["expired within the skew"] = Tokens.Hs256(Tokens.Header(), Tokens.Claims(Now).With("exp", Now.AddSeconds(-59).ToUnixTimeSeconds())),
        ["not yet valid within the skew"] = Tokens.Hs256(Tokens.Header(), Tokens.Claims(Now).With("nbf", Now.AddSeconds(60).ToUnixTimeSeconds())),
        ["a fraction of a second"] = Tokens.Hs256(Tokens.Header(), Tokens.Claims(Now).With("exp", Now.AddHours(1).ToUnixTimeSeconds() + 0.5)),
        ["no permissions"] = Tokens.Hs256(Tokens.Header(), Tokens.Claims(Now).Without("permissions")),
        ["further claims"] = Tokens.Hs256(Tokens.Header(), Tokens.Claims(Now).With("iss", "https://id.example").With("email", "a@b.example")),
    };

    public static TheoryData<string> GoodTokens => [.. Good.Keys];

    public static TheoryData<string> BadTokens => [.. Bad.Keys];

    [Theory, MemberData(nameof(GoodTokens))]
    public async Task Accepts(string what) => await Accept(Good[what]);

    private static readonly Dictionary<string, string> Bad = new()
    {
        ["nothing"] = "",
        ["one part"] = "abc",
        ["two parts"] = "a.b",
        ["four parts"] = Good3() + ".x",
        ["five parts"] = "a.b.c.d.e",
        ["no signature"] = Good3()[..(Good3().LastIndexOf('.') + 1)],
        ["cut"] = Good3()[..^1],
        ["cut by ten"] = Good3()[..^10],
        ["the signature of another"] = Good3()[..(Good3().LastIndexOf('.') + 1)] + new string('A', 43),
        ["header is not base64"] = "%%%." + Part(1) + "." + Part(2),
        ["header is not JSON"] = Raw("hello", "{}"),
        ["header is an array"] = Raw("[]", "{}"),
        ["payload is not JSON"] = Raw("""{"alg":"HS256"}""", "hello"),
        ["payload is null"] = Raw("""{"alg":"HS256"}""", "null"),
        ["alg none without signature"] = $"{Tokens.Encode(Tokens.Header("none"))}.{Part(1)}.",
        ["alg none with signature"] = Tokens.Hs256(Tokens.Header("none"), Tokens.Claims(Now)),
        ["alg NONE"] = Tokens.Hs256(Tokens.Header("NONE"), Tokens.Claims(Now)),
        ["alg hs256"] = Tokens.Hs256(Tokens.Header("hs256"), Tokens.Claims(Now)),
        ["alg HS512"] = Tokens.Hs256(Tokens.Header("HS512"), Tokens.Claims(Now)),
        ["alg PS256"] = Tokens.Hs256(Tokens.Header("PS256"), Tokens.Claims(Now)),
        ["alg missing"] = Tokens.Hs256(Tokens.Header().Without("alg"), Tokens.Claims(Now)),
        ["alg a number"] = Tokens.Hs256(Tokens.Header().With("alg", 1), Tokens.Claims(Now)),
        ["alg twice"] = Tokens.Hs256(Tokens.Encode("""{"alg":"HS256","alg":"none"}"""), Part(1), Encoding.UTF8.GetBytes(Tokens.Secret)),
        ["HS256 keyed with the public key's PEM"] = Tokens.Hs256(Tokens.Encode(Tokens.Header()), Part(1), Encoding.UTF8.GetBytes(Rsa.ExportSubjectPublicKeyInfoPem())),
        ["HS256 keyed with the public key's DER"] = Tokens.Hs256(Tokens.Encode(Tokens.Header()), Part(1), Rsa.ExportSubjectPublicKeyInfo()),
        ["HS256 keyed with the modulus"] = Tokens.Hs256(Tokens.Encode(Tokens.Header()), Part(1), Rsa.ExportParameters(false).Modulus!),
        ["RS256 header on an HS256 signature"] = Tokens.Hs256(Tokens.Header("RS256"), Tokens.Claims(Now)),
        ["ES256 header on an RS256 signature"] = Tokens.Rs256(Tokens.Header("ES256"), Tokens.Claims(Now), Rsa),
        ["RS256 of another key"] = Tokens.Rs256(Tokens.Header("RS256"), Tokens.Claims(Now), OtherRsa),
        ["RS256 with the other key's id"] = Tokens.Rs256(Tokens.Header("RS256").With("kid", "ec-1"), Tokens.Claims(Now), Rsa),
        ["kid is a path"] = Tokens.Rs256(Tokens.Header("RS256").With("kid", "../../etc/passwd"), Tokens.Claims(Now), Rsa),
        ["kid is SQL"] = Tokens.Rs256(Tokens.Header("RS256").With("kid", "x' UNION SELECT 'key"), Tokens.Claims(Now), Rsa),
        ["kid is an address"] = Tokens.Rs256(Tokens.Header("RS256").With("kid", "https://evil.example/key"), Tokens.Claims(Now), Rsa),
        ["kid is an object"] = Tokens.Hs256(Tokens.Header().With("kid", new JsonObject()), Tokens.Claims(Now)),
        ["jku"] = Tokens.Hs256(Tokens.Header().With("jku", "https://evil.example/jwks.json"), Tokens.Claims(Now)),
        ["jwk"] = Tokens.Rs256(Tokens.Header("RS256").With("jwk", PublicKey(OtherRsa, "rsa-1")), Tokens.Claims(Now), OtherRsa),
        ["x5u"] = Tokens.Hs256(Tokens.Header().With("x5u", "https://evil.example/c.pem"), Tokens.Claims(Now)),
        ["x5c"] = Tokens.Hs256(Tokens.Header().With("x5c", new JsonArray("MIIB")), Tokens.Claims(Now)),
        ["crit"] = Tokens.Hs256(Tokens.Header().With("crit", new JsonArray("b64")).With("b64", false), Tokens.Claims(Now)),
        ["typ of another kind"] = Tokens.Hs256(Tokens.Header().With("typ", "dpop+jwt"), Tokens.Claims(Now)),
        ["typ a number"] = Tokens.Hs256(Tokens.Header().With("typ", 7), Tokens.Claims(Now)),
        ["another secret"] = Tokens.Hs256(Tokens.Header(), Tokens.Claims(Now), "another-secret-that-is-as-long-as-the-real"),
        ["an empty secret"] = Tokens.Hs256(Tokens.Header(), Tokens.Claims(Now), ""),
        ["the other tenant's secret"] = Tokens.Hs256(Tokens.Header(), Tokens.Claims(Now), "a-secret-of-the-other-tenant-that-is-long-enough"),
        ["our secret for the other tenant"] = Tokens.Hs256(Tokens.Header(), Tokens.Claims(Now).With("tenant_id", "other")),
        ["a tenant without keys"] = Tokens.Hs256(Tokens.Header(), Tokens.Claims(Now).With("tenant_id", "keyless")),
        ["a tenant that is not there"] = Tokens.Hs256(Tokens.Header(), Tokens.Claims(Now).With("tenant_id", "nobody")),
        ["tenant in capitals"] = Tokens.Hs256(Tokens.Header(), Tokens.Claims(Now).With("tenant_id", "DEMO")),
        ["tenant missing"] = Tokens.Hs256(Tokens.Header(), Tokens.Claims(Now).Without("tenant_id")),
        ["tenant an array"] = Tokens.Hs256(Tokens.Header(), Tokens.Claims(Now).With("tenant_id", new JsonArray("demo"))),
        ["tenant twice"] = Tokens.Hs256(Tokens.Encode(Tokens.Header()), Tokens.Encode("""{"sub":"a","tenant_id":"other","tenant_id":"demo","exp":4102444800}"""), Encoding.UTF8.GetBytes(Tokens.Secret)),
        ["expired"] = Tokens.Hs256(Tokens.Header(), Tokens.Claims(Now).With("exp", Now.AddSeconds(-60).ToUnixTimeSeconds())),
        ["expired long ago"] = Tokens.Hs256(Tokens.Header(), Tokens.Claims(Now).With("exp", 1)),
        ["exp missing"] = Tokens.Hs256(Tokens.Header(), Tokens.Claims(Now).Without("exp")),
        ["exp a string"] = Tokens.Hs256(Tokens.Header(), Tokens.Claims(Now).With("exp", "4102444800")),
        ["exp null"] = Tokens.Hs256(Tokens.Header(), Tokens.Claims(Now).With("exp", null)),
        ["exp negative"] = Tokens.Hs256(Tokens.Header(), Tokens.Claims(Now).With("exp", -1)),
        ["exp beyond all time"] = Tokens.Hs256(Tokens.Encode(Tokens.Header()), Tokens.Encode("""{"sub":"a","tenant_id":"demo","exp":1e400}"""), Encoding.UTF8.GetBytes(Tokens.Secret)),
        ["not valid yet"] = Tokens.Hs256(Tokens.Header(), Tokens.Claims(Now).With("nbf", Now.AddSeconds(61).ToUnixTimeSeconds())),
        ["nbf a string"] = Tokens.Hs256(Tokens.Header(), Tokens.Claims(Now).With("nbf", "0")),
        ["issued in the future"] = Tokens.Hs256(Tokens.Header(), Tokens.Claims(Now).With("iat", Now.AddHours(1).ToUnixTimeSeconds())),
        ["sub missing"] = Tokens.Hs256(Tokens.Header(), Tokens.Claims(Now).Without("sub")),
        ["sub empty"] = Tokens.Hs256(Tokens.Header(), Tokens.Claims(Now).With("sub", "")),
        ["sub a number"] = Tokens.Hs256(Tokens.Header(), Tokens.Claims(Now).With("sub", 7)),
        ["sub without end"] = Tokens.Hs256(Tokens.Header(), Tokens.Claims(Now).With("sub", new string('s', 257))),
        ["permissions a string"] = Tokens.Hs256(Tokens.Header(), Tokens.Claims(Now).With("permissions", "chat:send")),
        ["permissions of numbers"] = Tokens.Hs256(Tokens.Header(), Tokens.Claims(Now).With("permissions", new JsonArray(1))),
        ["role an object"] = Tokens.Hs256(Tokens.Header(), Tokens.Claims(Now).With("user_role", new JsonObject())),
        ["visitor without a conversation"] = Tokens.Hs256(Tokens.Header(), Tokens.Claims(Now).With("user_role", "visitor")),
        ["conversation without an account"] = Tokens.Hs256(Tokens.Header(), Tokens.Claims(Now).With("conversation_id", "c_1")),
        ["a megabyte"] = new string('a', 1 << 20),
        ["a megabyte of claims"] = Tokens.Hs256(Tokens.Header(), Tokens.Claims(Now).With("x", new string('x', 1 << 20))),
        ["nested without end"] = Tokens.Hs256(Tokens.Encode(Tokens.Header()), Tokens.Encode(new string('[', 5000) + new string(']', 5000)), Encoding.UTF8.GetBytes(Tokens.Secret)),
    };

    [Theory, MemberData(nameof(BadTokens))]
    public async Task Refuses(string what)
    {
        var (caller, refusal) = await Verify(Bad[what]);
        Assert.Null(caller);
        Assert.NotEmpty(refusal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Basic dXNlcjpwYXNz")]
    [InlineData("Token abc")]
    public async Task Refuses_a_header_without_a_bearer_token(string? header) => Assert.Null((await _verifier.VerifyAsync(header)).Caller);

    [Fact]
    public async Task Refuses_every_change_of_one_character_of_header_and_claims()
    {
        var token = Good3();
        for (var i = 0; i < token.LastIndexOf('.'); i++)
        {
            var changed = token.ToCharArray();
            changed[i] = changed[i] == 'A' ? 'B' : 'A';
            Assert.Null((await Verify(new string(changed))).Caller);
        }
    }

    [Fact]
    public async Task Knows_a_visitor_by_its_conversation()
    {
        var caller = await Accept(Tokens.Hs256(
            Tokens.Header(), Tokens.Claims(Now).With("user_role", "visitor").With("account", "site").With("conversation_id", "c_1")));
        Assert.Equal(new VisitorScope("site", "c_1"), caller.Visitor);
        Assert.True(caller.MaySee("c_1"));
        Assert.False(caller.MaySee("c_2"));
    }

    [Fact]
    public void A_key_file_without_a_usable_key_stops_the_start_and_is_named()
    {
        using var weak = RSA.Create(1024);
        File.WriteAllText(_jwks, new JsonObject { ["keys"] = new JsonArray(PublicKey(weak, "weak")) }.ToJsonString());
        var tenants = new TenantDirectory([new Tenant { Id = "demo", JwksFile = _jwks }]);
        var error = Assert.Throws<System.ComponentModel.DataAnnotations.ValidationException>(() => new TenantKeys(tenants));
        Assert.Contains(_jwks, error.Message, StringComparison.Ordinal);
        Assert.Contains("demo", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData(null)]
    public void A_key_file_that_cannot_be_read_stops_the_start_and_is_named(string? content)
    {
        var file = content is null ? _jwks + ".missing" : _jwks;
        if (content is not null) File.WriteAllText(_jwks, content);
        var tenants = new TenantDirectory([new Tenant { Id = "demo", JwksFile = file }]);
        Assert.Contains(file, Assert.Throws<System.ComponentModel.DataAnnotations.ValidationException>(() => new TenantKeys(tenants)).Message, StringComparison.Ordinal);
    }

    private Task<(Caller? Caller, string Refusal)> Verify(string token) => _verifier.VerifyAsync("Bearer " + token);

    private async Task<Caller> Accept(string token)
    {
        var (caller, refusal) = await Verify(token);
        Assert.True(caller is not null, refusal);
        return caller;
    }

    private static string Good3() => Tokens.Hs256(Tokens.Header(), Tokens.Claims(Now));

    private static string Part(int index) => Good3().Split('.')[index];

    private static string Raw(string header, string payload) => Tokens.Hs256(Tokens.Encode(header), Tokens.Encode(payload), Encoding.UTF8.GetBytes(Tokens.Secret));

    private static JsonObject RsaKey(string id) => PublicKey(Rsa, id);

    private static JsonObject PublicKey(RSA key, string id) => new()
    {
        ["kty"] = "RSA", ["kid"] = id, ["use"] = "sig",
        ["n"] = Base64Url.EncodeToString(key.ExportParameters(false).Modulus), ["e"] = Base64Url.EncodeToString(key.ExportParameters(false).Exponent),
    };

    private static JsonObject EcKey(string id) => new()
    {
        ["kty"] = "EC", ["crv"] = "P-256", ["kid"] = id,
        ["x"] = Base64Url.EncodeToString(Ec.ExportParameters(false).Q.X), ["y"] = Base64Url.EncodeToString(Ec.ExportParameters(false).Q.Y),
    };

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
