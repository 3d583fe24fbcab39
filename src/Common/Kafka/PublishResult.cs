namespace Parley.Common.Kafka;

/// <summary>What became of a record that was to be published.</summary>
/// <param name="Acknowledged">True when every in-sync replica has it.</param>
/// <param name="Error">When not acknowledged: why. The record may still be there: after a timeout nobody knows.</param>
public readonly record struct PublishResult(bool Acknowledged, string? Error, int Partition, long Offset);
