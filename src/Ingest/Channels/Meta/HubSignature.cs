using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace Parley.Ingest.Channels.Meta;

/// <summary>The signature on every Meta webhook: <c>X-Hub-Signature-256: sha256=</c> and 64 lower-case hex digits of HMAC-SHA256 over the raw body.</summary>
/// <remarks>
/// Over the bytes as received: Meta escapes non-ASCII in its own way, so parsing and writing again gives other bytes.
/// The SHA-1 header <c>X-Hub-Signature</c> that may come along is not looked at. Nothing signs a time: replays are told by message id alone.
/// </remarks>
internal static class HubSignature
{
    public const string Header = "X-Hub-Signature-256";

    private static readonly SearchValues<byte> LowerHex = SearchValues.Create("0123456789abcdef"u8);

    private static ReadOnlySpan<byte> Prefix => "sha256="u8;

    /// <summary>Checks the header against every active secret; all are tried, so that the time taken does not say which one it was.</summary>
    public static SignatureCheck Verify(ReadOnlySpan<byte> body, StringValues header, IReadOnlyList<string> secrets)
    {
        if (header.Count != 1 || header[0] is not { Length: > 0 } text) return SignatureCheck.Missing;

        Span<byte> given = stackalloc byte[Prefix.Length + (2 * HMACSHA256.HashSizeInBytes)];
        if (text.Length != given.Length || !Encoding.ASCII.TryGetBytes(text, given, out _) || !given.StartsWith(Prefix)) return SignatureCheck.Malformed;
        if (given[Prefix.Length..].ContainsAnyExcept(LowerHex)) return SignatureCheck.Malformed;

        var valid = false;
        foreach (var secret in secrets)
        {
            // Anybody can make the signature of an empty secret.
            if (secret.Length > 0) valid |= Matches(body, given[Prefix.Length..], secret);
        }

        return valid ? SignatureCheck.Valid : SignatureCheck.Wrong;
    }

    private static bool Matches(ReadOnlySpan<byte> body, ReadOnlySpan<byte> givenHex, string secret)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Span<byte> hex = stackalloc byte[2 * HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body, hash);
        Convert.TryToHexStringLower(hash, hex, out _);
        return CryptographicOperations.FixedTimeEquals(hex, givenHex);
    }
}
