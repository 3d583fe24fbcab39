using System.Collections.Frozen;
using Parley.Common.Records;

namespace Parley.Common.Streaming;

/// <summary>
/// One copy of each header name, and of each value that nearly all records share. The client makes new ones for every record; thousands of records wait in
/// memory, and the collector goes over whatever they hold again and again.
/// </summary>
/// <remarks>Nobody writes into a header's value. Not thread-safe.</remarks>
internal sealed class HeaderCopies
{
    /// <summary>Producers we know nothing of may write other values in each record; from here on those are taken as they come.</summary>
    private const int ValuesOfAName = 8;

    private readonly FrozenDictionary<string, Known> _known = new Known[]
    {
        new("ce_specversion", IsShared: true), new("ce_source", IsShared: true), new(RecordCodec.TypeHeader, IsShared: true), new("content-type", IsShared: true),
        new("ce_id", IsShared: false), new("ce_time", IsShared: false), new("ce_dataschema", IsShared: true), new("ce_subject", IsShared: false),
        new(RecordCodec.TraceHeader, IsShared: false),
    }.ToFrozenDictionary(static known => known.Name, StringComparer.Ordinal);

    public KeyValuePair<string, byte[]> Of(string name, byte[] value) =>
        _known.TryGetValue(name, out var known) ? new(known.Name, known.IsShared ? Shared(known.Values, value) : value) : new(name, value);

    private static byte[] Shared(List<byte[]> values, byte[] value)
    {
        foreach (var one in values)
        {
            if (one.AsSpan().SequenceEqual(value)) return one;
        }

        if (values.Count < ValuesOfAName) values.Add(value);
        return value;
    }

    private sealed record Known(string Name, bool IsShared)
    {
        public List<byte[]> Values { get; } = [];
    }
}
