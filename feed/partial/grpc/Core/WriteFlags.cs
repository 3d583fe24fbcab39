namespace Grpc.Core;

/// <summary>Hints for writing a message.</summary>
[Flags]
public enum WriteFlags
{
    /// <summary>The message may wait in a buffer.</summary>
    BufferHint = 1,

    /// <summary>The message is not to be compressed.</summary>
    NoCompress = 2,
}
