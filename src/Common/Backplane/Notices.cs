using Parley.Common.Conversations;

namespace Parley.Common.Backplane;

/// <summary>The topics and contents of live notices, the only place.</summary>
/// <remarks>A notice says that there is news; what the news is stands in the store. So a lost or doubled notice costs time, never truth.</remarks>
public static class Notices
{
    /// <summary>News of a conversation: a turn committed, a reply delivered.</summary>
    public static string Conversation(ConversationKey key) => $"conversation/{key.ToRecordKey()}";

    /// <summary>The history has grown: read it after the sequence you know.</summary>
    public const string History = "history";

    /// <summary>The engine is at work on a turn.</summary>
    public const string Typing = "typing";

    /// <summary>The delivery of a reply changed; followed by <c>:</c> and the reply id.</summary>
    public const string DeliveryPrefix = "delivery:";
}
