namespace Parley.TestKit.Proxies;

/// <summary>Cuts a connection around COMMIT: before it reaches the server, or after the server has committed and before the client hears.</summary>
public sealed class PostgresTap(AnswerDrops lost, AnswerDrops unheard) : IWireTap
{
    private static readonly byte[] Commit = "COMMIT\0"u8.ToArray();
    private volatile bool _mute;

    public bool OnRequest(ReadOnlySpan<byte> chunk)
    {
        if (chunk.IndexOf(Commit) < 0) return true;
        if (lost.Take()) return false;
        if (unheard.Take()) _mute = true;
        return true;
    }

    public bool OnAnswer(ReadOnlySpan<byte> chunk) => !_mute;
}
