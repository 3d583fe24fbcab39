using System.Buffers;
using System.Buffers.Binary;
using Grpc.Core;

namespace Grpc.Net.Client;

// Takes one message from its marshaller, behind room for the five bytes that go before it on the wire.
internal sealed class PayloadWriter(int? maxMessageSize) : SerializationContext, IBufferWriter<byte>
{
    private const int HeaderSize = 5;
    private const int FirstBufferSize = 512;

    private byte[] _buffer = [];
    private int _end = HeaderSize;
    private bool _complete;

    public override void SetPayloadLength(int payloadLength)
    {
        CheckSize(payloadLength);
        Reserve(payloadLength);
    }

    public override IBufferWriter<byte> GetBufferWriter() => this;

    public override void Complete(byte[] payload)
    {
        SetPayloadLength(payload.Length);
        payload.CopyTo(GetSpan(payload.Length));
        Advance(payload.Length);
        Complete();
    }

    public override void Complete()
    {
        if (_complete)
            throw new InvalidOperationException("The marshaller completed the message twice.");
        CheckSize(_end - HeaderSize);
        _complete = true;
    }

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _buffer.Length - _end);
        _end += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _buffer.AsMemory(_end);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _buffer.AsSpan(_end);
    }

    // The frame, in a pooled buffer that is the caller's from now on.
    public (byte[] Buffer, int Length) Finish()
    {
        if (!_complete)
            throw new InvalidOperationException("The marshaller did not complete the message.");
        Reserve(0);
        _buffer[0] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(_buffer.AsSpan(1), (uint)(_end - HeaderSize));
        byte[] frame = _buffer;
        _buffer = [];
        return (frame, _end);
    }

    public void Abandon()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private void CheckSize(int size)
    {
        if (size > maxMessageSize)
            throw new RpcException(new Status(StatusCode.ResourceExhausted, $"The request has {size} bytes; MaxSendMessageSize is {maxMessageSize}."));
    }

    private void Reserve(int count)
    {
        if (_buffer.Length - _end >= count && _buffer.Length > 0)
            return;
        int size = checked(_end + count);
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(size, _buffer.Length == 0 ? FirstBufferSize : 2 * _buffer.Length));
        _buffer.AsSpan(0, Math.Min(_end, _buffer.Length)).CopyTo(larger);
        Abandon();
        _buffer = larger;
    }
}
