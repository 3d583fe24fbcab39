using Microsoft.Extensions.Logging;

namespace Parley.Common.Streaming;

internal sealed partial class StreamConsumer
{
    [LoggerMessage(20, LogLevel.Information, "{Topic}: assigned {Partitions}")]
    private partial void LogAssigned(string topic, string partitions);

    [LoggerMessage(21, LogLevel.Information, "{Topic}: gave up {Partitions}; all runs ended in time: {InTime}")]
    private partial void LogRevoked(string topic, string partitions, bool inTime);

    [LoggerMessage(22, LogLevel.Warning, "{Topic}: lost {Partitions}")]
    private partial void LogLost(string topic, string partitions);

    [LoggerMessage(23, LogLevel.Warning, "{Topic}/{Partition}: offset {Offset} was not stored: {Reason}")]
    private partial void LogNotStored(string topic, int partition, long offset, string reason);

    [LoggerMessage(24, LogLevel.Warning, "{Topic}/{Partition}: offsets went back to {Offset}")]
    private partial void LogOffsetsWentBack(string topic, int partition, long offset);

    [LoggerMessage(25, LogLevel.Warning, "{Topic}: {Reason}")]
    private partial void LogConsumeError(string topic, string reason);

    [LoggerMessage(26, LogLevel.Error, "{Topic}: the consumer failed; a new one starts in {Delay}")]
    private partial void LogConsumerFailed(Exception e, string topic, TimeSpan delay);

    [LoggerMessage(27, LogLevel.Warning, "Kafka consumer: {Code}: {Reason}")]
    private partial void LogClientError(string code, string reason);

    [LoggerMessage(29, LogLevel.Information, "{Topic}: reading of {Partitions} is paused, {Records} records are buffered")]
    private partial void LogPaused(string topic, string partitions, int records);

    [LoggerMessage(30, LogLevel.Information, "{Topic}: reading of {Partitions} goes on")]
    private partial void LogResumed(string topic, string partitions);

    [LoggerMessage(31, LogLevel.Warning, "{Topic}: what the group has committed is not known: {Reason}")]
    private partial void LogCommittedUnknown(string topic, string reason);

    [LoggerMessage(28, LogLevel.Debug, "librdkafka {Facility}: {Text}")]
    private partial void LogClient(string facility, string text);
}
