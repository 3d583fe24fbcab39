using System.Diagnostics.Metrics;
using Parley.Common.Records;
using Parley.Dispatcher.Sending;

namespace Parley.Dispatcher;

/// <summary>What the dispatcher tells of itself; meter <c>Parley.Dispatcher</c>.</summary>
internal sealed class DispatcherMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _attempts;
    private readonly Counter<long> _resends;
    private readonly Counter<long> _unknown;
    private readonly Counter<long> _swept;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _age;

    public DispatcherMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("Parley.Dispatcher");
        _attempts = _meter.CreateCounter<long>("parley.dispatcher.attempts", "{attempt}", "Attempts by channel and outcome");
        _resends = _meter.CreateCounter<long>("parley.dispatcher.resends", "{reply}", "Replies sent again although an attempt may have succeeded (policy AtLeastOnce)");
        _unknown = _meter.CreateCounter<long>("parley.dispatcher.unknown", "{reply}", "Replies of which nothing could tell whether they were taken");
        _swept = _meter.CreateCounter<long>("parley.dispatcher.swept", "{reply}", "Replies that nobody looked after, published or settled by the sweep");
        _duration = _meter.CreateHistogram<double>("parley.dispatcher.attempt.duration", "s", "Time the channel took to answer");
        _age = _meter.CreateHistogram<double>("parley.dispatcher.sent.age", "s", "Age of a reply when the channel took it");
    }

    public void Attempt(Reply reply, SendResult result, TimeSpan duration, DateTimeOffset now)
    {
        var channel = new KeyValuePair<string, object?>("channel", reply.Channel);
        _attempts.Add(1, channel, new("outcome", NameOf(result)));
        _duration.Record(duration.TotalSeconds, channel);
        if (result is SendResult.Sent) _age.Record((now - reply.CreatedAt).TotalSeconds, channel);
    }

    public void Resend(Reply reply) => _resends.Add(1, new KeyValuePair<string, object?>("channel", reply.Channel));

    public void Unknown(Reply reply) => _unknown.Add(1, new KeyValuePair<string, object?>("channel", reply.Channel));

    public void Swept() => _swept.Add(1);

    public void Dispose() => _meter.Dispose();

    private static string NameOf(SendResult result) => result switch
    {
        SendResult.Sent => "sent",
        SendResult.Refused => "refused",
        SendResult.AccountBlocked => "account_blocked",
        SendResult.Rejected => "rejected",
        SendResult.InDoubt => "in_doubt",
        _ => throw new ArgumentOutOfRangeException(nameof(result), result, null),
    };
}
