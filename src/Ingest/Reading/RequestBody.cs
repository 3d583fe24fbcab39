using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace Parley.Ingest.Reading;

/// <summary>A request's body in one pooled buffer, untouched: no decompression, no conversion.</summary>
internal sealed class RequestBody : IDisposable
{
    private byte[] _buffer;
    private int _length;

    private RequestBody(int capacity) => _buffer = ArrayPool<byte>.Shared.Rent(capacity);

    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, _length);

    /// <summary>Reads the body; null when it is larger than <paramref name="maxBytes"/>.</summary>
    public static async Task<RequestBody?> ReadAsync(HttpRequest request, int maxBytes, CancellationToken cancellation)
    {
        if (request.ContentLength > maxBytes) return null;

        var body = new RequestBody((int)Math.Min(request.ContentLength ?? 4096, maxBytes) + 1);
        try
        {
            return await body.FillAsync(request.Body, maxBytes, cancellation) ? body : body.Discard();
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return body.Discard();
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _length = 0;
    }

    private async Task<bool> FillAsync(Stream source, int maxBytes, CancellationToken cancellation)
    {
        while (true)
        {
            if (_length == _buffer.Length) Grow();
            var read = await source.ReadAsync(_buffer.AsMemory(_length), cancellation);
            if (read == 0) return true;
            _length += read;
            if (_length > maxBytes) return false;
        }
    }

    private void Grow()
    {
        var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }

    private RequestBody? Discard()
    {
        Dispose();
        return null;
    }
}
