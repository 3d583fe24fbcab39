using System.Threading.Channels;
using Parley.Common.Backplane;
using Parley.Common.Conversations;

namespace Parley.Ingest.Api;

/// <summary>The live notices of one conversation, for one waiting call. When the reader is slow the oldest go: they only say that there is news.</summary>
internal sealed class Notified : IAsyncDisposable
{
    private readonly Channel<string> _notices =
        Channel.CreateBounded<string>(new BoundedChannelOptions(256) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    private readonly TimeProvider _time;
    private IAsyncDisposable? _subscription;

    private Notified(TimeProvider time) => _time = time;

    public static async Task<Notified> StartAsync(IBackplane backplane, ConversationKey key, TimeProvider time)
    {
        var notified = new Notified(time);
        notified._subscription = await backplane.SubscribeAsync(Notices.Conversation(key), notice => notified._notices.Writer.TryWrite(notice));
        return notified;
    }

    /// <summary>The next notice; null when none came within <paramref name="atMost"/>.</summary>
    public async Task<string?> NextAsync(TimeSpan atMost, CancellationToken cancellation)
    {
        if (_notices.Reader.TryRead(out var waiting)) return waiting;
        if (atMost <= TimeSpan.Zero) return null;

        using var limit = new CancellationTokenSource(atMost, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            return await _notices.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    public ValueTask DisposeAsync() => _subscription?.DisposeAsync() ?? ValueTask.CompletedTask;
}
