using System.Globalization;

namespace Grpc.Net.Client;

// The header that tells a server how much time is left: at most eight digits and a unit.
internal static class GrpcTimeout
{
    private const long MaxDigits = 99_999_999;

    // Rounded up: the server should not give up before the client does.
    public static string Format(TimeSpan left)
    {
        long milliseconds = (left.Ticks + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond;
        return milliseconds <= MaxDigits
            ? string.Create(CultureInfo.InvariantCulture, $"{milliseconds}m")
            : string.Create(CultureInfo.InvariantCulture, $"{Math.Min((milliseconds + 999) / 1000, MaxDigits)}S");
    }
}
