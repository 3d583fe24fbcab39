namespace Grpc.Core;

/// <summary>Takes the messages of a stream, one after the other.</summary>
public interface IAsyncStreamWriter<in T>
{
    /// <summary>Hints for the messages to come.</summary>
    WriteOptions? WriteOptions { get; set; }

    /// <summary>Writes a message; only one at a time.</summary>
    Task WriteAsync(T message);
}
