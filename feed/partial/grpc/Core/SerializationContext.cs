using System.Buffers;

namespace Grpc.Core;

/// <summary>Where a marshaller puts the bytes of one message: either all at once, or through a writer.</summary>
public abstract class SerializationContext
{
    /// <summary>Takes the whole message and ends it.</summary>
    public abstract void Complete(byte[] payload);

    /// <summary>Announces the message's length in bytes, so that it is written into one buffer that fits.</summary>
    public abstract void SetPayloadLength(int payloadLength);

    /// <summary>Where to write the message.</summary>
    public abstract IBufferWriter<byte> GetBufferWriter();

    /// <summary>Ends a message that was written through <see cref="GetBufferWriter"/>.</summary>
    public abstract void Complete();
}
