using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Parley.TestKit.Hosts;

namespace Parley.LoadTest.Http;

/// <summary>Signed WhatsApp webhooks, as the bytes of whole HTTP requests. The text of each begins with its number.</summary>
internal static class WebhookRequests
{
    private const string Filler = "Where is my order? I have been waiting for it since last week, and nobody could tell me anything about it on the telephone. ";

    /// <summary>Requests of a number of conversations in turn.</summary>
    public static byte[][] Make(int count, int conversations)
    {
        var secret = Encoding.UTF8.GetBytes(TestTenant.AppSecret);
        var requests = new byte[count][];
        Parallel.For(0, count, number => requests[number] = Make(number, number % conversations, secret));
        return requests;
    }

    private static byte[] Make(int number, int conversation, byte[] secret)
    {
        var from = string.Create(CultureInfo.InvariantCulture, $"1650{conversation:D7}");
        var body = TestTenant.WhatsAppText(from, Mark(number) + " " + Filler, string.Create(CultureInfo.InvariantCulture, $"wamid.{Guid.NewGuid():N}{number:D9}"));
        var head = $"POST /webhooks/whatsapp/{TestTenant.PhoneNumberId} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            + $"X-Hub-Signature-256: sha256={Convert.ToHexStringLower(HMACSHA256.HashData(secret, body))}\r\nContent-Length: {body.Length}\r\n\r\n";
        return [.. Encoding.ASCII.GetBytes(head), .. body];
    }

    /// <summary>What stands in the text.</summary>
    public static string Mark(int number) => number.ToString("'m'000000000", CultureInfo.InvariantCulture);

    /// <summary>The number whose mark stands in some bytes; -1 when none does.</summary>
    public static int Find(ReadOnlySpan<byte> bytes)
    {
        while (bytes.IndexOf((byte)'m') is var at and >= 0)
        {
            bytes = bytes[(at + 1)..];
            if (bytes.Length >= 9 && System.Buffers.Text.Utf8Parser.TryParse(bytes[..9], out int number, out var read) && read == 9) return number;
        }

        return -1;
    }
}
