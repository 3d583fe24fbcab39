using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Parley.Common.Backplane;
using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Ingest.Api.Tokens;

namespace Parley.Ingest.Api.Messages;

/// <summary>
/// The <c>Idempotency-Key</c> header. The message's id follows from it, so that a repeated call is the same message and gets the same answer;
/// the backplane remembers for 24 hours what the body was, to tell a repetition from a mistake.
/// </summary>
internal sealed class IdempotencyKey(IBackplane backplane)
{
    private const string Header = "Idempotency-Key";
    private static readonly TimeSpan Remembered = TimeSpan.FromHours(24);

    /// <summary>The message id to use when the body names none (null without the header), or what is wrong with the header.</summary>
    public async Task<(string? MessageId, FieldError? Error)> ReadAsync(HttpRequest request, Caller caller, ReadOnlyMemory<byte> body)
    {
        if (request.Headers[Header] is not { Count: > 0 } header) return (null, null);
        if (header is not [{ Length: > 0 and <= Limits.IdChars } key]) return (null, Wrong($"must be one value of 1 to {Limits.IdChars} characters"));

        var id = DerivedId.Of("idempotency", caller.Tenant.Id, caller.Subject, key);
        var digest = Convert.ToHexStringLower(SHA256.HashData(body.Span));
        var known = await backplane.GetAsync($"idempotency/{id}");
        if (known is not null && known != digest) return (null, Wrong("was used with another body"));
        if (known is null) await backplane.SetAsync($"idempotency/{id}", digest, Remembered);
        return ("k_" + id, null);
    }

    private static FieldError Wrong(string why) => new(["header", Header], why, "idempotency_key");
}
