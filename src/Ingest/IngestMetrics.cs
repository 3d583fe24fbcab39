using System.Diagnostics.Metrics;

namespace Parley.Ingest;

/// <summary>What the host took, refused and waited for; meter <c>Parley.Ingest</c>.</summary>
internal sealed class IngestMetrics
{
    private readonly Counter<long> _accepted;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _skipped;
    private readonly Counter<long> _dead;
    private readonly Histogram<double> _publish;

    public IngestMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Parley.Ingest");
        _accepted = meter.CreateCounter<long>("parley.ingest.accepted", "{record}", "Messages and receipts that the broker has acknowledged.");
        _refused = meter.CreateCounter<long>("parley.ingest.refused", "{call}", "Calls that were not accepted, by reason.");
        _skipped = meter.CreateCounter<long>("parley.ingest.skipped", "{element}", "Parts of webhooks that are known and of no use.");
        _dead = meter.CreateCounter<long>("parley.ingest.dead_letters", "{body}", "Verified bodies that could not be read whole.");
        _publish = meter.CreateHistogram<double>("parley.ingest.publish.duration", "s", "Time until the broker's acknowledgement.");
    }

    public void Accepted(string channel, int records) => _accepted.Add(records, Tag("channel", channel));

    public void Refused(string reason) => _refused.Add(1, Tag("reason", reason));

    public void Skipped(string channel, int elements) => _skipped.Add(elements, Tag("channel", channel));

    public void DeadLettered(string channel) => _dead.Add(1, Tag("channel", channel));

    public void Published(TimeSpan duration, bool acknowledged) => _publish.Record(duration.TotalSeconds, Tag("acknowledged", acknowledged));

    private static KeyValuePair<string, object?> Tag(string name, object value) => new(name, value);
}
