using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Parley.Standalone.DemoEngine;

/// <summary>What a customer wants. The lower-case name is also the id of the button that says so.</summary>
internal enum Intent { None, Person, Cancel, Address, Return, Refund, Items, Eta, Tracking, Buy, Status, Help, Thanks, Bye, Yes, No }

/// <summary>Finds out what a text asks for, by words. The first line that matches wins, so the order is the rule.</summary>
internal static partial class Intents
{
    private static readonly (Intent Intent, Regex Pattern)[] Patterns =
    [
        (Intent.Person, PersonPattern()),
        (Intent.Cancel, CancelPattern()),
        (Intent.Address, AddressPattern()),
        (Intent.Return, ReturnPattern()),
        (Intent.Refund, RefundPattern()),
        (Intent.Items, ItemsPattern()),
        (Intent.Eta, EtaPattern()),
        (Intent.Tracking, TrackingPattern()),
        (Intent.Buy, BuyPattern()),
        (Intent.Status, StatusPattern()),
        (Intent.Help, HelpPattern()),
        (Intent.Thanks, ThanksPattern()),
        (Intent.Bye, ByePattern()),
        (Intent.Yes, YesPattern()),
        (Intent.No, NoPattern()),
    ];

    private static readonly FrozenDictionary<string, Intent> ByName =
        Enum.GetValues<Intent>().ToFrozenDictionary(NameOf, StringComparer.Ordinal);

    public static string NameOf(Intent intent) => intent.ToString().ToLowerInvariant();

    public static Intent Of(string text)
    {
        // A refusal comes first: "no, don't cancel it" asks for nothing.
        if (RefusalPattern().IsMatch(text)) return Intent.No;
        foreach (var (intent, pattern) in Patterns)
        {
            if (pattern.IsMatch(text)) return intent;
        }

        return Intent.None;
    }

    /// <summary>The intent of a name, as buttons and the memory carry it; None for a name that is not ours.</summary>
    public static Intent Named(string name) => ByName.GetValueOrDefault(name);

    /// <summary>The name in "my name is Ada"; null when the text does not say one.</summary>
    public static string? NameIn(string text) => NamePattern().Match(text) is { Success: true } match ? match.Groups[1].Value : null;

    /// <summary>The text after a leading greeting; null when it does not start with one.</summary>
    public static string? AfterGreeting(string text) => GreetingPattern().Match(text) is { Success: true } match ? text[match.Length..] : null;

    private const RegexOptions Plain = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;

    [GeneratedRegex(@"^(no|nope)\b.*\b(don.?t|do not|keep)\b|^(please )?(don.?t|do not) ", Plain)]
    private static partial Regex RefusalPattern();

    [GeneratedRegex(@"\b(human|person|agent|representative|operator|manager|colleague|complain|complaint|(talk|speak) (to|with) (someone|somebody))\b", Plain)]
    private static partial Regex PersonPattern();

    [GeneratedRegex(@"\b(cancel|cancelled|cancellation|call off)\b", Plain)]
    private static partial Regex CancelPattern();

    [GeneratedRegex(@"\b(address|send it (to|somewhere)|deliver it (to|somewhere)|i (have )?moved)\b", Plain)]
    private static partial Regex AddressPattern();

    [GeneratedRegex(@"\b(return|returns|returning|send (it|them) back|exchange|wrong (item|thing|one|size)|broken|damaged|defective|doesn.?t (work|fit))\b", Plain)]
    private static partial Regex ReturnPattern();

    [GeneratedRegex(@"\b(refund|refunds|refunded|money back|reimburse|reimbursed)\b", Plain)]
    private static partial Regex RefundPattern();

    [GeneratedRegex(@"\b(items?|what did i (order|buy)|what.?s in|what is in|contents|how much|total|price|cost|paid)\b", Plain)]
    private static partial Regex ItemsPattern();

    [GeneratedRegex(@"\b(when|eta|arrive|arrives|arriving|arrival|how long|delivery date|delivery time)\b", Plain)]
    private static partial Regex EtaPattern();

    [GeneratedRegex(@"\b(track|tracking|carrier|courier|who delivers)\b", Plain)]
    private static partial Regex TrackingPattern();

    [GeneratedRegex(@"\b(buy|purchase|place an order|new order|in stock|catalogue)\b", Plain)]
    private static partial Regex BuyPattern();

    [GeneratedRegex(@"\b(status|where.?s|where is|where are|order|orders|parcel|package|delivery|delivered|update)\b", Plain)]
    private static partial Regex StatusPattern();

    [GeneratedRegex(@"\b(help|what can you do|options|menu)\b|^\?+$", Plain)]
    private static partial Regex HelpPattern();

    [GeneratedRegex(@"\b(thanks|thank you|thx|cheers|great|perfect|awesome)\b", Plain)]
    private static partial Regex ThanksPattern();

    [GeneratedRegex(@"\b(bye|goodbye|see you|that.?s all|nothing else)\b", Plain)]
    private static partial Regex ByePattern();

    [GeneratedRegex(@"^(yes|yeah|yep|yup|sure|ok|okay|please do|do it|correct|right|exactly)\b", Plain)]
    private static partial Regex YesPattern();

    [GeneratedRegex(@"^(no|nope|not now|never ?mind|keep it|forget it)\b", Plain)]
    private static partial Regex NoPattern();

    [GeneratedRegex(@"\b(?:my name is|my name.s|i am called|i.m called)\s+([a-z][a-z'\-]{1,30})\b", Plain)]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"^\s*(hi there|hello there|hi|hello|hey|hiya|good (morning|afternoon|evening|day))\b[\s,.!]*", Plain)]
    private static partial Regex GreetingPattern();
}
