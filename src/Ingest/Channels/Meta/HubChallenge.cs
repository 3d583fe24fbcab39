using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Parley.Ingest.Channels.Meta;

/// <summary>The handshake of a Meta webhook, a GET with <c>hub.mode</c>, <c>hub.verify_token</c> and <c>hub.challenge</c>.</summary>
internal static class HubChallenge
{
    // Documented as an int, and not one in Meta's own test: opaque text, but not without end.
    private const int MaxChars = 512;

    /// <summary>The challenge to answer with; null when the token is not ours or the query is not a handshake.</summary>
    public static string? Answer(IQueryCollection query, string? verifyToken)
    {
        if (string.IsNullOrEmpty(verifyToken)) return null;
        if (query["hub.mode"] is not ["subscribe"]) return null;
        if (query["hub.verify_token"] is not [{ } token] || !SameText(token, verifyToken)) return null;
        return query["hub.challenge"] is [{ Length: > 0 and <= MaxChars } challenge] ? challenge : null;
    }

    // Compared as hashes: a comparison of the texts would tell the length.
    private static bool SameText(string one, string other) => CryptographicOperations.FixedTimeEquals(
        SHA256.HashData(Encoding.UTF8.GetBytes(one)), SHA256.HashData(Encoding.UTF8.GetBytes(other)));
}
