using System.ComponentModel.DataAnnotations;

namespace Parley.Dispatcher;

/// <summary>How replies are sent; setting <c>Dispatcher</c>.</summary>
public sealed class DispatcherOptions
{
    /// <summary>The consumer group; dispatchers of one installation share it.</summary>
    [Required]
    public string Group { get; set; } = "parley-dispatcher";

    /// <summary>Sends that may be under way at once in one process (default: 512).</summary>
    [Range(1, 100_000)]
    public int Permits { get; set; } = 512;

    /// <summary>Of these, what one tenant may hold (default: 128), so that a slow channel of one leaves room for the others.</summary>
    [Range(1, 100_000)]
    public int PermitsPerTenant { get; set; } = 128;

    /// <summary>
    /// Replies of one account that may be claimed and have no byte on its way yet (default: 16; a fiftieth of the account's <c>MessagesPerSecond</c> where that is
    /// more). What a killed process leaves there is in doubt, and with <c>AtMostOnce</c> never sent; many of them are only of use where the store takes long to answer.
    /// </summary>
    [Range(1, 10_000)]
    public int ClaimsPerAccount { get; set; } = 16;

    /// <summary>How long a channel may take to answer (default: 10 s). After that the send is in doubt.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan SendTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long an attempt has the conversation for itself, if nobody hears of its end (default: 25 s; at least twice <see cref="SendTimeout"/>): no byte
    /// of it is written later than <see cref="SendTimeout"/> after its claim, and what comes behind a send in doubt waits for the lease to end, as the channel may be
    /// slow to take what it has got.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.200", "00:10:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>How long a send in doubt waits after its lease for a status that tells what became of it (default: 60 s), before the account's policy decides.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan SettleTime { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Tries before a reply that is refused again and again has failed (default: 20).</summary>
    [Range(1, 1_000)]
    public int MaxTries { get; set; } = 20;

    /// <summary>Age at which a reply that could not be sent has failed (default: 24 h, the window in which WhatsApp takes free text).</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How often the store is searched for replies that nobody looks after (default: 15 s).</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a reply may lie before the sweep takes it for forgotten (default: 30 s).</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan SweepAfter { get; set; } = TimeSpan.FromSeconds(30);
}
