using System.Text;
using Parley.Ingest.Channels;
using Parley.Ingest.Channels.Meta;
using Parley.Unit.Ingest.Channels;

namespace Parley.Unit.Properties;

public sealed class SignatureProperties
{
    [Fact]
    public void The_signature_of_any_body_is_accepted_with_any_of_the_active_secrets() => Property.ForAll(
        d => (Body: d.Bytes(60), Secrets: Enumerable.Range(0, d.From(1, 3)).Select(_ => d.Id()).ToArray(), Which: d.Below(3)),
        given => Assert.Equal(
            SignatureCheck.Valid, HubSignature.Verify(given.Body, WhatsAppCalls.Sign(given.Body, given.Secrets[given.Which % given.Secrets.Length]), given.Secrets)), cases: 5_000);

    [Fact]
    public void Any_change_of_one_bit_is_refused() => Property.ForAll(d => new Change(d.Bytes(60), d.Id(), d.Below(3), d.Below(1 << 20)), change =>
    {
        var header = WhatsAppCalls.Sign(change.Body, change.Secret);
        var (body, given, secret) = change.Where switch
        {
            0 when change.Body.Length > 0 => (Flip(change.Body, change.Bit), header, change.Secret),
            1 => (change.Body, header, Encoding.Latin1.GetString(Flip(Encoding.Latin1.GetBytes("s" + change.Secret), change.Bit))[..1] + change.Secret),
            _ => (change.Body, Encoding.Latin1.GetString(Flip(Encoding.Latin1.GetBytes(header), change.Bit)), change.Secret),
        };
        Assert.NotEqual(SignatureCheck.Valid, HubSignature.Verify(body, given, [secret]));
    }, cases: 5_000);

    [Fact]
    public void Any_header_is_judged_without_an_exception() => Property.ForAll(
        d => d.Flip() ? d.Text(40, broken: true) : "sha256=" + d.Text(70, broken: true),
        header => Assert.NotEqual(SignatureCheck.Valid, HubSignature.Verify("{}"u8, header, ["secret"])), cases: 5_000);

    private static byte[] Flip(byte[] bytes, int bit)
    {
        var flipped = (byte[])bytes.Clone();
        flipped[bit / 8 % bytes.Length] ^= (byte)(1 << (bit % 8));
        return flipped;
    }

    private sealed record Change(byte[] Body, string Secret, int Where, int Bit)
    {
        public override string ToString() => $"body {Convert.ToHexString(Body)}, secret '{Secret}', bit {Bit} of {(Where == 0 ? "the body" : Where == 1 ? "the secret" : "the header")}";
    }
}
