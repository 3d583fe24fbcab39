using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Grpc.Core;

namespace Grpc.Net.Client;

// Cuts a response's body into messages: a flag for compression, the length in four bytes, the message. One pooled
// buffer takes what arrives, often several messages at once; the message of the last read stays in it until the next.
internal sealed class FrameReader(Stream body, int? maxMessageSize, HttpResponseMessage response) : DeserializationContext
{
    private const int HeaderSize = 5;
    private const int FirstBufferSize = 4096;
    private const int GrowAtOnce = 1024 * 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstBufferSize);
    private int _start;
    private int _end;
    private int _length;

    public override int PayloadLength => _length;

    public override byte[] PayloadAsNewBuffer() => _buffer.AsSpan(_start, _length).ToArray();

    public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => new(_buffer, _start, _length);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Frame> ReadAsync(CancellationToken cancellationToken)
    {
        _start += _length;
        _length = 0;
        int wanted = HeaderSize;
        bool headerRead = false;
        while (true)
        {
            if (_end - _start >= wanted)
            {
                if (headerRead)
                {
                    _start += HeaderSize;
                    _length = wanted - HeaderSize;
                    return Frame.Message;
                }

                wanted = HeaderSize + ReadHeader(_buffer.AsSpan(_start, HeaderSize));
                headerRead = true;
                continue;
            }

            MakeRoom(wanted);
            int read = await body.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (read == 0)
                return _start == _end ? Frame.End : Frame.CutOff;
            _end += read;
        }
    }

    // Once, and only when no read is under way.
    public void Release()
    {
        byte[] buffer = _buffer;
        _buffer = [];
        _start = _end = _length = 0;
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    private int ReadHeader(ReadOnlySpan<byte> header)
    {
        if (header[0] != 0)
        {
            throw new RpcException(new Status(
                StatusCode.Internal,
                $"The answer is compressed with '{HttpMetadata.Encoding(response) ?? "(not said)"}'; this client takes 'identity' only, and says so."));
        }

        uint length = BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
        uint max = (uint)Math.Min(maxMessageSize ?? int.MaxValue, Array.MaxLength - HeaderSize);
        return length <= max
            ? (int)length
            : throw new RpcException(new Status(
                StatusCode.ResourceExhausted, $"The answer has a message of {length} bytes; MaxReceiveMessageSize is {max}."));
    }

    // Grows step by step: a length is only a claim until the bytes have come.
    private void MakeRoom(int wanted)
    {
        int held = _end - _start;
        bool grow = held == _buffer.Length || (wanted > _buffer.Length && _buffer.Length < GrowAtOnce);
        if (!grow && (_start == 0 || _buffer.Length - _start >= wanted))
            return;

        byte[] target = grow
            ? ArrayPool<byte>.Shared.Rent((int)Math.Min(wanted, Math.Max(GrowAtOnce, 2L * _buffer.Length)))
            : _buffer;
        _buffer.AsSpan(_start, held).CopyTo(target);
        (_start, _end) = (0, held);
        if (target == _buffer)
            return;
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = target;
    }
}
