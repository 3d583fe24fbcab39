namespace Grpc.Net.Client;

// What a reader found next in a response's body.
internal enum Frame
{
    // A whole message.
    Message,

    // The end, between two messages.
    End,

    // The end, within a message.
    CutOff,
}
