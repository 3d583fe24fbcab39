using System.ComponentModel.DataAnnotations;
using Confluent.Kafka;

namespace Parley.Common.Kafka;

/// <summary>How the brokers are reached; setting <c>Kafka</c>.</summary>
public sealed class KafkaOptions
{
    /// <summary>host:port, comma-separated.</summary>
    [Required]
    public string BootstrapServers { get; set; } = "";

    /// <summary>Make the topics at start when they are missing (default: yes).</summary>
    public bool CreateTopics { get; set; } = true;

    /// <summary>Partitions of a topic that is made at start (default: 12).</summary>
    [Range(1, 10_000)]
    public int Partitions { get; set; } = 12;

    /// <summary>classic (cooperative-sticky) or consumer (KIP-848, brokers from 4.0).</summary>
    [RegularExpression("classic|consumer")]
    public string GroupProtocol { get; set; } = "classic";

    /// <summary>How long a silent consumer keeps its partitions: the takeover time after a crash (default: 6 s). With the consumer protocol the broker decides.</summary>
    public TimeSpan SessionTimeout { get; set; } = TimeSpan.FromSeconds(6);

    /// <summary>How long a record may wait for its acknowledgement before it counts as not published (default: 30 s).</summary>
    public TimeSpan MessageTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Further settings of librdkafka, by its names (security.protocol, sasl.mechanism …), for every client.</summary>
    public Dictionary<string, string> Client { get; set; } = [];

    internal T Apply<T>(T config) where T : ClientConfig
    {
        config.BootstrapServers = BootstrapServers;
        foreach (var (name, value) in Client) config.Set(name, value);
        return config;
    }
}
