using System.Collections.Frozen;
using Parley.Dispatcher.Sending;

namespace Parley.Dispatcher.Channels.WhatsApp;

/// <summary>What an error code says about trying again.</summary>
internal enum WhatsAppErrorClass
{
    /// <summary>Too fast, as a whole: the account waits.</summary>
    AccountLimit,

    /// <summary>Too fast to this recipient: Meta advises to wait 4^n seconds. Others are not affected.</summary>
    PairLimit,

    /// <summary>The provider's trouble; it did not take the message.</summary>
    Transient,

    /// <summary>"Invalid request or possible server error": a few tries tell which.</summary>
    Doubtful,

    /// <summary>The account or its credential: nothing leaves until somebody acts.</summary>
    AccountProblem,

    /// <summary>More than 24 h since the user's last message: only a template may be sent.</summary>
    WindowClosed,

    /// <summary>This recipient will not get it.</summary>
    Recipient,

    /// <summary>This content will never be taken.</summary>
    Content,
}

/// <summary>The error codes of the Cloud API ("Error codes" of its reference, 2026-09). The code decides, not the text or the HTTP status.</summary>
internal static class WhatsAppErrors
{
    /// <summary>Tries at a <see cref="WhatsAppErrorClass.Doubtful"/> error.</summary>
    private const int DoubtfulTries = 3;

    public static FrozenDictionary<int, WhatsAppErrorClass> Classes { get; } = new (WhatsAppErrorClass Class, int[] Codes)[]
    {
        (WhatsAppErrorClass.AccountLimit, [4, 80007, 130429, 133016, 131208]),
        (WhatsAppErrorClass.PairLimit, [131056]),
        (WhatsAppErrorClass.Transient, [2, 131000, 131016, 131057, 133004]),
        (WhatsAppErrorClass.Doubtful, [1]),
        (WhatsAppErrorClass.AccountProblem,
        [
            0, 3, 10, 190, 131005, .. Enumerable.Range(200, 100), // credential and permissions
            368, 131031, 131037, 131042, 131045, 133010, 33, 134011, // account and number
            131048, 131064, // limited until an enforcement ends
        ]),
        (WhatsAppErrorClass.WindowClosed, [131047]),
        (WhatsAppErrorClass.Recipient, [131026, 131021, 131030, 131049, 131050, 130403, 130472, 130497, 131041, 131207]),
        (WhatsAppErrorClass.Content,
        [
            100, 131008, 131009, 131051, 131053, 131055, 131062, 131063,
            132000, 132001, 132005, 132007, 132012, 132015, 132016, 132018, 132068, 132069, 135000,
        ]),
    }.SelectMany(row => row.Codes.Select(code => (code, row.Class))).ToFrozenDictionary(x => x.code, x => x.Class);

    /// <summary>What a classified error makes of a send.</summary>
    public static SendResult ToResult(WhatsAppErrorClass kind, string reason, TimeSpan? retryAfter) => kind switch
    {
        WhatsAppErrorClass.AccountLimit => new SendResult.Refused(reason, retryAfter, WholeAccount: true),
        WhatsAppErrorClass.PairLimit => new SendResult.Refused(reason, retryAfter, Growth: 4),
        WhatsAppErrorClass.Transient => new SendResult.Refused(reason, retryAfter),
        WhatsAppErrorClass.Doubtful => new SendResult.Refused(reason, retryAfter, DoubtfulTries),
        WhatsAppErrorClass.AccountProblem => new SendResult.AccountBlocked(reason),
        _ => new SendResult.Rejected(reason),
    };
}
