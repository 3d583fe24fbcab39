using System.Buffers.Binary;
using Parley.TestKit.Proxies;

namespace Parley.Unit.Chaos;

public sealed class ProxyTests
{
    private readonly AnswerDrops _drops = new();

    [Fact]
    public void The_answer_to_a_produce_is_cut_however_the_bytes_are_sliced()
    {
        foreach (var size in new[] { 1, 3, 7, 1000 })
        {
            var tap = new KafkaTap(_drops);
            _drops.Arm();
            foreach (var chunk in Frame(Request(apiKey: 1, correlation: 5)).Concat(Frame(Request(apiKey: 0, correlation: 6))).Chunk(size)) Assert.True(tap.OnRequest(chunk));

            Assert.True(Answers(tap, correlation: 5, size));
            Assert.False(Answers(tap, correlation: 6, size));
        }

        Assert.Equal(4, _drops.Done);
    }

    [Fact]
    public void Nothing_is_cut_that_nobody_asked_for()
    {
        var tap = new KafkaTap(_drops);
        tap.OnRequest(Frame(Request(apiKey: 0, correlation: 1)));

        Assert.True(Answers(tap, correlation: 1, size: 100));
    }

    [Fact]
    public void A_commit_passes_and_its_answer_does_not()
    {
        var unheard = new AnswerDrops();
        var tap = new PostgresTap(_drops, unheard);
        unheard.Arm();

        Assert.True(tap.OnRequest("INSERT"u8));
        Assert.True(tap.OnAnswer("ok"u8));
        Assert.True(tap.OnRequest("Q....COMMIT\0"u8));
        Assert.False(tap.OnAnswer("done"u8));
    }

    private static bool Answers(KafkaTap tap, int correlation, int size)
    {
        var answer = new byte[20];
        BinaryPrimitives.WriteInt32BigEndian(answer, correlation);
        return Frame(answer).Chunk(size).All(chunk => tap.OnAnswer(chunk));
    }

    private static byte[] Request(short apiKey, int correlation)
    {
        var request = new byte[40];
        BinaryPrimitives.WriteInt16BigEndian(request, apiKey);
        BinaryPrimitives.WriteInt32BigEndian(request.AsSpan(4), correlation);
        return request;
    }

    private static byte[] Frame(byte[] body)
    {
        var frame = new byte[4 + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, body.Length);
        body.CopyTo(frame, 4);
        return frame;
    }
}
