using System.ComponentModel.DataAnnotations;

namespace Parley.Common.Tenants;

/// <summary>A tenant's identity on a channel, with the secrets that go with it.</summary>
public sealed class ChannelAccount
{
    /// <summary>One of the channel names, for example <c>whatsapp</c>.</summary>
    [Required]
    public string Channel { get; set; } = "";

    /// <summary>The channel's id of the account. WhatsApp: the phone number id; web: the site's name.</summary>
    [Required]
    public string Id { get; set; } = "";

    /// <summary>Secrets that webhook signatures are checked with; any of them may match (rotation). WhatsApp: the app secret.</summary>
    public List<string> WebhookSecrets { get; set; } = [];

    /// <summary>Answer to the channel's registration handshake. WhatsApp: the verify token.</summary>
    public string? VerifyToken { get; set; }

    /// <summary>Bearer of calls to the channel. WhatsApp: the system user's token.</summary>
    public string? AccessToken { get; set; }

    /// <summary>Base address of the channel's API, when it is not the public one (a simulator, a proxy).</summary>
    public Uri? ApiBase { get; set; }

    /// <summary>What to do with a send whose outcome cannot be found out.</summary>
    public UnknownSendPolicy UnknownSends { get; set; } = UnknownSendPolicy.AtMostOnce;

    /// <summary>Messages a second to the channel from this account; 0 for the channel's documented default.</summary>
    [Range(0, 10_000)]
    public double MessagesPerSecond { get; set; }
}

/// <summary>What a send of unknown outcome becomes once nothing has settled it.</summary>
public enum UnknownSendPolicy
{
    /// <summary>It stays unknown and is never sent again.</summary>
    AtMostOnce,

    /// <summary>It is sent again: the user may see it twice.</summary>
    AtLeastOnce,
}
