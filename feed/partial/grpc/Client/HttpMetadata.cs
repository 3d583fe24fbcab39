using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using Grpc.Core;

namespace Grpc.Net.Client;

// Metadata as HTTP headers and back.
internal static class HttpMetadata
{
    private static readonly string s_userAgent =
        $"grpc-csharp-parley/{typeof(HttpMetadata).Assembly.GetName().Version!.ToString(3)} ({RuntimeInformation.FrameworkDescription})";

    public static void Write(HttpRequestHeaders headers, Metadata? metadata, string? timeout)
    {
        headers.TryAddWithoutValidation("User-Agent", s_userAgent);
        // Servers refuse a call whose client does not say that it takes trailers.
        headers.TryAddWithoutValidation("TE", "trailers");
        headers.TryAddWithoutValidation("grpc-accept-encoding", "identity");
        if (timeout is not null)
            headers.TryAddWithoutValidation("grpc-timeout", timeout);
        if (metadata is null)
            return;
        for (int i = 0; i < metadata.Count; i++)
        {
            if (metadata[i] is { Key: not "grpc-timeout" } entry)
                headers.TryAddWithoutValidation(entry.Key, entry.ToHeaderValue());
        }
    }

    // Without what belongs to the protocol. A binary value that is not base64 is left out: it must not hide how the call ended.
    public static Metadata Read(HttpHeaders headers)
    {
        var metadata = new Metadata();
        foreach (KeyValuePair<string, HeaderStringValues> header in headers.NonValidated)
        {
            if (IsProtocol(header.Key))
                continue;
            foreach (string value in header.Value)
            {
                if (Metadata.Entry.IsBinaryKey(header.Key))
                    AddBinary(metadata, header.Key, value);
                else
                    metadata.Add(Metadata.Entry.Received(header.Key, value));
            }
        }

        return metadata;
    }

    public static string? Encoding(HttpResponseMessage response) =>
        response.Headers.NonValidated.TryGetValues("grpc-encoding", out HeaderStringValues encoding) ? encoding.ToString() : null;

    private static bool IsProtocol(string name) => name.ToLowerInvariant()
        is "grpc-status" or "grpc-message" or "grpc-encoding" or "grpc-accept-encoding" or "content-type" or "content-encoding";

    // Several values of one key may arrive joined by commas, and without padding.
    private static void AddBinary(Metadata metadata, string key, string values)
    {
        foreach (Range range in values.AsSpan().Split(','))
        {
            ReadOnlySpan<char> value = values.AsSpan(range).Trim().TrimEnd('=');
            char[] padded = new char[(value.Length + 3) / 4 * 4];
            padded.AsSpan().Fill('=');
            value.CopyTo(padded);
            byte[] bytes = new byte[padded.Length / 4 * 3];
            if (Convert.TryFromBase64Chars(padded, bytes, out int length))
                metadata.Add(Metadata.Entry.Received(key, bytes[..length]));
        }
    }
}
