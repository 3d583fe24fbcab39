using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Parley.Ingest.Api.Messages;

/// <summary>How long a caller wants to wait for the answer: the <c>Prefer</c> header of RFC 7240.</summary>
internal static class Preference
{
    private static readonly TimeSpan MostWait = TimeSpan.FromSeconds(30);

    /// <summary>
    /// <c>wait=n</c>, at most 30 seconds; with <c>respond-async</c> alone not at all; otherwise <paramref name="usual"/>. What is not understood is ignored.
    /// </summary>
    public static TimeSpan Wait(HttpRequest request, TimeSpan usual)
    {
        var wait = usual;
        foreach (var preference in Items(request.Headers["Prefer"]))
        {
            if (preference.Equals("respond-async", StringComparison.OrdinalIgnoreCase)) wait = TimeSpan.Zero;
        }

        foreach (var preference in Items(request.Headers["Prefer"]))
        {
            if (preference.StartsWith("wait=", StringComparison.OrdinalIgnoreCase)
                && int.TryParse(preference["wait=".Length..].Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            {
                return TimeSpan.FromSeconds(Math.Min(seconds, MostWait.TotalSeconds));
            }
        }

        return wait;
    }

    private static IEnumerable<string> Items(StringValues header) =>
        header.SelectMany(line => (line ?? "").Split([',', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
