using System.Text;
using Microsoft.Extensions.Primitives;
using Parley.Ingest.Channels;
using Parley.Ingest.Channels.Meta;

namespace Parley.Unit.Ingest.Channels;

public sealed class HubSignatureTests
{
    private static readonly byte[] Body = """{"object":"x"}"""u8.ToArray();
    private static readonly string Good = WhatsAppCalls.Sign(Body);

    [Fact]
    public void Accepts_the_signature_of_the_very_bytes() => Assert.Equal(SignatureCheck.Valid, Check(Body, Good));

    [Fact]
    public void Knows_the_published_example_of_hmac_sha256()
    {
        // RFC 4231, test case 2.
        var body = "what do ya want for nothing?"u8.ToArray();
        const string signature = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        Assert.Equal(SignatureCheck.Valid, HubSignature.Verify(body, signature, ["Jefe"]));
    }

    [Fact]
    public void Refuses_every_flip_of_one_bit_of_the_body()
    {
        for (var bit = 0; bit < Body.Length * 8; bit++)
        {
            var flipped = (byte[])Body.Clone();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Equal(SignatureCheck.Wrong, Check(flipped, Good));
        }
    }

    [Fact]
    public void Refuses_every_flip_of_one_bit_of_the_header()
    {
        for (var bit = 0; bit < Good.Length * 7; bit++)
        {
            var flipped = Good.ToCharArray();
            flipped[bit / 7] ^= (char)(1 << (bit % 7));
            Assert.NotEqual(SignatureCheck.Valid, Check(Body, new string(flipped)));
        }
    }

    public static TheoryData<string, string?[]> BadHeaders => new()
    {
        { "none", [] },
        { "empty", [""] },
        { "null", [null] },
        { "twice", [Good, Good] },
        { "two in one", [$"{Good},{Good}"] },
        { "no prefix", [Good["sha256=".Length..]] },
        { "SHA-1 prefix", ["sha1=" + Good["sha256=".Length..]] },
        { "prefix in capitals", ["SHA256=" + Good["sha256=".Length..]] },
        { "digits in capitals", ["sha256=" + Good["sha256=".Length..].ToUpperInvariant()] },
        { "too short", [Good[..^1]] },
        { "too long", [Good + "0"] },
        { "blank before", [" " + Good[..^1]] },
        { "not hex", ["sha256=" + new string('g', 64)] },
        { "not ASCII", ["sha256=" + new string('ａ', 64)] },
        { "all zero", ["sha256=" + new string('0', 64)] },
        { "without end", ["sha256=" + new string('0', 10_000)] },
    };

    [Theory, MemberData(nameof(BadHeaders))]
    public void Refuses_a_header_of_another_form(string what, string?[] header) =>
        Assert.True(HubSignature.Verify(Body, new StringValues(header!), [WhatsAppCalls.Secret]) != SignatureCheck.Valid, what);

    [Fact]
    public void Accepts_any_active_secret_and_refuses_one_that_was_taken_away()
    {
        var old = WhatsAppCalls.Sign(Body, "the old secret");
        Assert.Equal(SignatureCheck.Valid, HubSignature.Verify(Body, old, ["the new secret", "the old secret"]));
        Assert.Equal(SignatureCheck.Valid, HubSignature.Verify(Body, WhatsAppCalls.Sign(Body, "the new secret"), ["the new secret", "the old secret"]));
        Assert.Equal(SignatureCheck.Wrong, HubSignature.Verify(Body, old, ["the new secret"]));
    }

    [Fact]
    public void An_account_without_a_secret_refuses_everything()
    {
        Assert.Equal(SignatureCheck.Wrong, HubSignature.Verify(Body, Good, []));
        Assert.Equal(SignatureCheck.Wrong, HubSignature.Verify(Body, WhatsAppCalls.Sign(Body, ""), [""]));
    }

    [Fact]
    public void Signs_the_bytes_and_not_the_meaning()
    {
        var sent = "{\"text\":\"\\u00e4\\u00f6 \\/ x\"}"u8.ToArray();
        var written = Encoding.UTF8.GetBytes("{\"text\":\"äö / x\"}");
        Assert.Equal(SignatureCheck.Valid, Check(sent, WhatsAppCalls.Sign(sent)));
        Assert.Equal(SignatureCheck.Wrong, Check(written, WhatsAppCalls.Sign(sent)));
        Assert.Equal(SignatureCheck.Wrong, Check([0xEF, 0xBB, 0xBF, .. sent], WhatsAppCalls.Sign(sent)));
    }

    [Fact]
    public void Signs_an_empty_body_too() => Assert.Equal(SignatureCheck.Valid, Check([], WhatsAppCalls.Sign([])));

    private static SignatureCheck Check(byte[] body, string header) => HubSignature.Verify(body, header, [WhatsAppCalls.Secret]);
}
