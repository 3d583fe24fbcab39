using Parley.Common.Conversations;
using Parley.Common.Records;

namespace Parley.Common.Stores;

/// <summary>One line of a conversation's history: a message in, or a reply out.</summary>
/// <param name="Seq">Its place, from 1, without gaps within a conversation.</param>
/// <param name="Message">Set for a message in.</param>
/// <param name="Reply">Set for a reply out.</param>
/// <param name="Delivery">Of a reply.</param>
/// <param name="DeliveryReason">Of a reply that failed or is unknown.</param>
public sealed record HistoryEntry(long Seq, InboundMessage? Message, Reply? Reply, DeliveryStatus Delivery, string? DeliveryReason);

/// <summary>A page of a history.</summary>
/// <param name="TotalMessages">Entries of both directions.</param>
public sealed record HistoryPage(IReadOnlyList<HistoryEntry> Entries, long TotalMessages);

/// <summary>What a receipt did.</summary>
/// <param name="ReplyId">Our id of the reply it was about.</param>
/// <param name="Delivery">The reply's delivery now.</param>
/// <param name="Changed">Whether the receipt moved the delivery.</param>
public sealed record ReceiptOutcome(string ReplyId, DeliveryStatus Delivery, bool Changed);
