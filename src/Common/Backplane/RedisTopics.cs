using StackExchange.Redis;

namespace Parley.Common.Backplane;

/// <summary>Notices between processes. Subscribers of the publishing process are told directly, so that they need no Redis.</summary>
internal sealed class RedisTopics
{
    private const string ChannelPrefix = "parley/notice/";

    private readonly RedisConnection _connection;
    private readonly LocalTopics _local;
    private readonly string _self = Guid.NewGuid().ToString("N") + ":";
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Topic> _topics = new(StringComparer.Ordinal); // guarded by _gate
    private ISubscriber? _subscriber; // guarded by _gate; null until the first connection

    public RedisTopics(RedisConnection connection, LocalTopics local)
    {
        _connection = connection;
        _local = local;
        connection.OnConnected(Connected);
    }

    public async Task PublishAsync(string topic, string notice)
    {
        _local.Publish(topic, notice);
        await _connection.TryAsync(redis => redis.GetSubscriber().PublishAsync(Channel(topic), _self + notice, CommandFlags.None));
    }

    /// <summary>Returns when Redis has the subscription, or when it does not answer: then the subscription follows once it does.</summary>
    public async Task<IAsyncDisposable> SubscribeAsync(string topic, Action<string> onNotice)
    {
        var subscription = _local.Subscribe(topic, onNotice);
        Topic entry;
        lock (_gate)
        {
            if (!_topics.TryGetValue(topic, out entry!)) _topics[topic] = entry = new Topic(OnMessage(topic));
            entry.Subscribers++;
            if (_subscriber is { } subscriber && entry.Subscribed is null or { IsFaulted: true }) entry.Subscribed = Subscribe(subscriber, topic, entry);
        }

        await _connection.TryAsync(async _ =>
        {
            Task? subscribed;
            lock (_gate)
            {
                subscribed = entry.Subscribed;
            }

            if (subscribed is not null) await subscribed;
            return true;
        });
        return new Leaving(() => LeaveAsync(topic, entry, subscription));
    }

    private void Connected(ConnectionMultiplexer redis)
    {
        lock (_gate)
        {
            _subscriber = redis.GetSubscriber();
            foreach (var (topic, entry) in _topics) entry.Subscribed ??= Subscribe(_subscriber, topic, entry);
        }
    }

    private async ValueTask LeaveAsync(string topic, Topic entry, LocalTopics.Subscription subscription)
    {
        _local.Unsubscribe(topic, subscription);
        Task left;
        lock (_gate)
        {
            if (--entry.Subscribers > 0) return;

            _topics.Remove(topic);
            // Sent under the lock, so that it cannot overtake a new subscription of the same topic.
            if (_subscriber is null || entry.Subscribed is null) return;
            left = Unsubscribe(_subscriber, topic, entry);
        }

        await _connection.TryAsync(async _ =>
        {
            await left;
            return true;
        });
    }

    private Action<RedisChannel, RedisValue> OnMessage(string topic) => (_, value) =>
    {
        string? message = value;
        var colon = message?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        if (colon >= 0 && !message!.StartsWith(_self, StringComparison.Ordinal)) _local.Publish(topic, message[(colon + 1)..]);
    };

    // The client subscribes again by itself whenever its connection comes back.
    private static async Task Subscribe(ISubscriber subscriber, string topic, Topic entry) =>
        await subscriber.SubscribeAsync(Channel(topic), entry.Handler, CommandFlags.None);

    private static async Task Unsubscribe(ISubscriber subscriber, string topic, Topic entry) =>
        await subscriber.UnsubscribeAsync(Channel(topic), entry.Handler, CommandFlags.None);

    private static RedisChannel Channel(string topic) => new(ChannelPrefix + topic, RedisChannel.PatternMode.Literal);

    private sealed class Topic(Action<RedisChannel, RedisValue> handler)
    {
        public Action<RedisChannel, RedisValue> Handler { get; } = handler;
        public int Subscribers { get; set; }
        public Task? Subscribed { get; set; }
    }

    private sealed class Leaving(Func<ValueTask> leave) : IAsyncDisposable
    {
        private int _left;

        public ValueTask DisposeAsync() => Interlocked.Exchange(ref _left, 1) == 0 ? leave() : ValueTask.CompletedTask;
    }
}
