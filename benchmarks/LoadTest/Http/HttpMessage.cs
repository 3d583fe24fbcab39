using System.Buffers.Text;
using System.Net.Sockets;

namespace Parley.LoadTest.Http;

/// <summary>Reads HTTP/1.1 messages off a socket, one after the other: as much of the protocol as a load generator needs, and little work.</summary>
internal sealed class HttpMessage(Socket socket)
{
    private byte[] _buffer = new byte[16 * 1024];
    private int _filled;
    private int _length;

    /// <summary>Head and body of the message that was read.</summary>
    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    /// <summary>Of a response.</summary>
    public int Status => Utf8Parser.TryParse(Bytes[9..12], out int status, out _) ? status : 0;

    /// <summary>Reads the next message; false when the other side has closed.</summary>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellation)
    {
        _buffer.AsSpan(_length, _filled - _length).CopyTo(_buffer);
        (_filled, _length) = (_filled - _length, 0);
        while (true)
        {
            if (LengthOf(_buffer.AsSpan(0, _filled)) is var length and > 0 && length <= _filled)
            {
                _length = length;
                return true;
            }

            if (_filled == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
            var read = await socket.ReceiveAsync(_buffer.AsMemory(_filled), cancellation);
            if (read == 0) return false;
            _filled += read;
        }
    }

    private static int LengthOf(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0) return 0;
        var head = bytes[..end];
        var at = head.IndexOf("\r\nContent-Length: "u8);
        var body = at >= 0 && Utf8Parser.TryParse(head[(at + 18)..], out int length, out _) ? length : 0;
        return end + 4 + body;
    }
}
