using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace Parley.Common.Backplane;

/// <summary>The subscribers of this process.</summary>
internal sealed partial class LocalTopics(ILogger log)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ImmutableArray<Subscription>> _subscriptions = []; // guarded by _gate

    public Subscription Subscribe(string topic, Action<string> onNotice)
    {
        var subscription = new Subscription(onNotice);
        lock (_gate)
        {
            _subscriptions[topic] = (_subscriptions.TryGetValue(topic, out var there) ? there : []).Add(subscription);
        }

        return subscription;
    }

    public void Unsubscribe(string topic, Subscription subscription)
    {
        lock (_gate)
        {
            if (!_subscriptions.TryGetValue(topic, out var there)) return;

            var left = there.Remove(subscription);
            if (left.IsEmpty) _subscriptions.Remove(topic);
            else _subscriptions[topic] = left;
        }
    }

    public void Publish(string topic, string notice)
    {
        ImmutableArray<Subscription> subscriptions;
        lock (_gate)
        {
            if (!_subscriptions.TryGetValue(topic, out subscriptions)) return;
        }

        foreach (var subscription in subscriptions)
        {
            try
            {
                subscription.OnNotice(notice);
            }
            catch (Exception e)
            {
                // One subscriber's bug must not take the notice from the others, nor fail the publisher.
                LogSubscriberThrew(e, topic);
            }
        }
    }

    public sealed class Subscription(Action<string> onNotice)
    {
        public Action<string> OnNotice { get; } = onNotice;
    }

    [LoggerMessage(1, LogLevel.Error, "A subscriber of {Topic} threw")]
    private partial void LogSubscriberThrew(Exception exception, string topic);
}
