using System.Buffers;

namespace Grpc.Core;

/// <summary>One received message, valid only while its marshaller runs.</summary>
public abstract class DeserializationContext
{
    /// <summary>The message's length in bytes.</summary>
    public abstract int PayloadLength { get; }

    /// <summary>A copy of the message.</summary>
    public abstract byte[] PayloadAsNewBuffer();

    /// <summary>The message in the client's own buffer: not to be kept.</summary>
    public abstract ReadOnlySequence<byte> PayloadAsReadOnlySequence();
}
