using Confluent.Kafka;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Parley.Common.Kafka;

/// <summary>Whether a broker answers a metadata request within two seconds.</summary>
internal sealed class BrokerHealth : IHealthCheck, IDisposable
{
    private readonly IAdminClient _admin;

    public BrokerHealth(IOptions<KafkaOptions> options)
    {
        _admin = new AdminClientBuilder(options.Value.Apply(new AdminClientConfig())).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
    }

    // The client's call blocks; the probe must not hold the caller's thread while a broker is away.
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.Run(
        () =>
        {
            try
            {
                _admin.GetMetadata(TimeSpan.FromSeconds(2));
                return HealthCheckResult.Healthy();
            }
            catch (KafkaException e)
            {
                return HealthCheckResult.Unhealthy($"the broker does not answer: {e.Error.Reason}");
            }
        },
        cancellationToken);

    public void Dispose() => _admin.Dispose();
}
