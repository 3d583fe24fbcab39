using Parley.Common.Records;

namespace Parley.Common.Stores;

/// <summary>A message that waits on its conversation's parked list.</summary>
/// <param name="Message">As it came.</param>
/// <param name="Seq">Its place in the history; the list is in this order.</param>
/// <param name="TurnId">The turn it was to be answered in; messages of one turn are released together.</param>
/// <param name="Partition">Of its record.</param>
/// <param name="Offset">Of its record.</param>
/// <param name="Reason">Why nothing answered it.</param>
/// <param name="Attempts">How often its turn was tried; 0 for a message that came when the conversation was parked already.</param>
/// <param name="ParkedAt">When.</param>
/// <param name="CommandId">The command that was to release it and failed on it; null when there was none.</param>
public sealed record ParkedMessage(
    InboundMessage Message, long Seq, string TurnId, int Partition, long Offset, string Reason, int Attempts, DateTimeOffset ParkedAt,
    string? CommandId = null);

/// <summary>The head of a parked list.</summary>
/// <param name="Total">Messages of the whole list.</param>
public sealed record ParkedPage(IReadOnlyList<ParkedMessage> Oldest, long Total);
