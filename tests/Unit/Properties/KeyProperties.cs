using System.Text;
using Parley.Common.Conversations;

namespace Parley.Unit.Properties;

public sealed class KeyProperties
{
    [Fact]
    public void Two_conversations_never_share_a_record_key() => Property.ForAll(
        // Pairs that are cut from one text at different places are the ones that a careless format confuses.
        d =>
        {
            var text = d.Id() + ":" + d.Id() + d.Text(4, broken: true);
            return d.Flip() ? (Cut(d, text), Cut(d, text)) : (new ConversationKey(d.Id(), d.Id()), new ConversationKey(d.Id(), d.Text(5, broken: true)));
        },
        pair => Assert.Equal(pair.Item1 == pair.Item2, string.Equals(pair.Item1.ToRecordKey(), pair.Item2.ToRecordKey(), StringComparison.Ordinal)), cases: 10_000);

    [Fact]
    public void A_record_key_is_read_as_it_was_written() => Property.ForAll(d => new ConversationKey(d.Id() + d.Text(6, broken: true), d.Id() + d.Text(6, broken: true)), key =>
    {
        Assert.True(ConversationKey.TryParse(key.ToRecordKey(), out var read, out var error), error);
        Assert.Equal(key, read);
    }, cases: 10_000);

    [Fact]
    public void Any_text_is_a_key_in_its_only_form_or_has_an_error() => Property.ForAll(d => new Shown(Mangled(d)), text =>
    {
        if (ConversationKey.TryParse(text.Value, out var key, out var error))
        {
            Assert.Equal(text.Value, key.ToRecordKey());
        }
        else
        {
            Assert.NotEmpty(error);
            Assert.Equal(default, key);
        }
    }, cases: 10_000);

    [Fact]
    public void Any_bytes_are_a_key_or_have_an_error() => Property.ForAll(d => Encoding.UTF8.GetString(d.Bytes(30)), text =>
    {
        if (!ConversationKey.TryParse(text, out _, out var error)) Assert.NotEmpty(error);
    }, cases: 10_000);

    [Fact]
    public void Derived_ids_are_stable_and_differ_when_their_parts_do()
    {
        var known = new Dictionary<string, string>();
        Property.ForAll(
            d =>
            {
                // One text cut into parts at any places: the same characters, other parts.
                var text = d.Text(8);
                return new Parts([.. Enumerable.Range(0, d.Below(5)).Select(_ => Cut(d, text).Tenant), text]);
            },
            parts =>
            {
                var id = DerivedId.Of("kind", [.. parts.Values]);
                Assert.Equal(id, DerivedId.Of("kind", [.. parts.Values]));
                Assert.Matches("^[0-9a-f]{32}$", id);
                Assert.NotEqual(id, DerivedId.Of("another kind", [.. parts.Values]));
                Assert.Equal(parts.ToString(), known.GetValueOrDefault(id, parts.ToString()));
                known[id] = parts.ToString();
            }, cases: 5_000);
    }

    [Fact]
    public void A_conversation_of_other_parts_is_another_conversation() => Property.ForAll(d => (One: Five(d), Other: d.Below(5), With: d.Id()), given =>
    {
        var other = given.One.ToArray();
        other[given.Other] = given.With;
        Assert.Equal(given.One.SequenceEqual(other), Conversation(given.One) == Conversation(other));
    }, cases: 5_000);

    private static string[] Five(Draws d) => [d.Id(), d.Id(), d.Id(), d.Id(), d.Id()];

    private static string Conversation(string[] parts) => DerivedId.Conversation(parts[0], parts[1], parts[2], parts[3], parts[4]);

    private static ConversationKey Cut(Draws d, string text)
    {
        var at = d.Below(text.Length + 1);
        return new ConversationKey(text[..at], text[at..]);
    }

    private static string Mangled(Draws d)
    {
        var text = new ConversationKey(d.Id(), d.Id()).ToRecordKey();
        for (var n = d.Below(3); n > 0; n--)
        {
            var at = d.Below(text.Length + 1);
            text = d.Below(3) switch
            {
                0 => text[..at] + d.Of("0", ":", "+", " ", "٣", "\0", "1") + text[at..],
                1 when at < text.Length => text.Remove(at, 1),
                _ => text[..at] + d.Text(2, broken: true) + text[at..],
            };
        }

        return text;
    }

    private sealed record Parts(IReadOnlyList<string> Values)
    {
        public override string ToString() => string.Join("|", Values.Select(v => Convert.ToHexString(Encoding.UTF8.GetBytes(v))));
    }

    private sealed record Shown(string Value)
    {
        public override string ToString() => string.Concat(Value.Select(c => c is >= ' ' and < (char)127 ? c.ToString() : $"\\u{(int)c:x4}"));
    }
}
