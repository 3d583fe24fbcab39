using System.Buffers.Binary;

namespace Parley.TestKit.Proxies;

/// <summary>Swallows answers to Produce requests: the broker has appended the records, the producer never hears and asks again.</summary>
/// <remarks>
/// A request is <c>length:int32 api_key:int16 api_version:int16 correlation_id:int32 …</c>, an answer <c>length:int32 correlation_id:int32 …</c>
/// (Kafka protocol guide). A produce answer is told by the correlation id of its request.
/// </remarks>
public sealed class KafkaTap(AnswerDrops drops) : IWireTap
{
    private const short Produce = 0;
    private readonly Lock _gate = new();
    private readonly HashSet<int> _produces = []; // guarded by _gate
    private readonly FrameHeads _requests = new(12);
    private readonly FrameHeads _answers = new(8);

    public bool OnRequest(ReadOnlySpan<byte> chunk)
    {
        _requests.Take(chunk, head =>
        {
            if (BinaryPrimitives.ReadInt16BigEndian(head[4..]) != Produce) return true;
            lock (_gate) _produces.Add(BinaryPrimitives.ReadInt32BigEndian(head[8..]));
            return true;
        });
        return true;
    }

    public bool OnAnswer(ReadOnlySpan<byte> chunk) => _answers.Take(chunk, head =>
    {
        lock (_gate) return !_produces.Remove(BinaryPrimitives.ReadInt32BigEndian(head[4..])) || !drops.Take();
    });

    private delegate bool HeadReader(ReadOnlySpan<byte> head);

    /// <summary>Finds the first bytes of each frame in a stream of chunks.</summary>
    private sealed class FrameHeads(int size)
    {
        private readonly byte[] _head = new byte[size];
        private int _have;
        private long _skip;

        public bool Take(ReadOnlySpan<byte> chunk, HeadReader read)
        {
            while (chunk.Length > 0)
            {
                if (_skip > 0)
                {
                    var step = (int)Math.Min(_skip, chunk.Length);
                    _skip -= step;
                    chunk = chunk[step..];
                    continue;
                }

                var take = Math.Min(size - _have, chunk.Length);
                chunk[..take].CopyTo(_head.AsSpan(_have));
                _have += take;
                chunk = chunk[take..];
                if (_have < size) return true;

                _have = 0;
                _skip = Math.Max(0, 4L + BinaryPrimitives.ReadInt32BigEndian(_head) - size);
                if (!read(_head)) return false;
            }

            return true;
        }
    }
}
