using System.Text;
using Parley.Ingest.Channels;
using Parley.Ingest.Channels.WhatsApp;

namespace Parley.Unit.Ingest.Channels;

/// <summary>The normaliser never throws: an exception would be a 5xx, and a 5xx brings the same bytes again for days.</summary>
public sealed class WhatsAppRobustnessTests
{
    private static readonly WhatsAppInbound Channel = new();
    private static readonly string[] Payloads = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Payloads", "whatsapp"), "*.json");

    [Fact]
    public void Survives_every_payload_with_any_value_replaced()
    {
        string[] others = ["null", "-1e400", "\"x\"", "[null]", "{}"];
        var seen = new HashSet<string>();
        foreach (var payload in Payloads.Where(f => !f.EndsWith(".expected.json", StringComparison.Ordinal)))
        {
            var text = File.ReadAllText(payload);
            foreach (var at in Values(text))
            {
                // The same line says the same in most payloads.
                if (!seen.Add(text[text.LastIndexOf('\n', at.Start)..at.End])) continue;
                foreach (var other in others) Read(text[..at.Start] + other + text[at.End..]);
            }
        }
    }

    [Fact]
    public void Survives_a_payload_that_is_cut()
    {
        var bytes = File.ReadAllBytes(Payloads.First(f => f.EndsWith("batch-of-two-entries.json", StringComparison.Ordinal)));
        for (var length = 0; length < bytes.Length; length += 11) Channel.Normalise(WhatsAppCalls.Of(bytes[..length]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Survives_bytes_changed_at_random(int seed)
    {
        var random = new Random(seed);
        foreach (var payload in Payloads)
        {
            var bytes = File.ReadAllBytes(payload);
            for (var i = 0; i < 3; i++) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            Channel.Normalise(WhatsAppCalls.Of(bytes));
        }
    }

    private static void Read(string json) => Assert.NotNull(Channel.Normalise(WhatsAppCalls.Of(Encoding.UTF8.GetBytes(json))));

    // Where a scalar stands: after "name": or in an array. Good enough for payloads that are printed with indentation.
    private static IEnumerable<(int Start, int End)> Values(string text)
    {
        for (var line = 0; line < text.Length; line = text.IndexOf('\n', line) + 1)
        {
            var end = text.IndexOf('\n', line);
            var colon = text.IndexOf("\": ", line, end - line, StringComparison.Ordinal);
            if (colon >= 0 && text[end - 1] is not ('{' or '[')) yield return (colon + 3, text[end - 1] == ',' ? end - 1 : end);
        }
    }
}
