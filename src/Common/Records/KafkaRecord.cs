namespace Parley.Common.Records;

/// <summary>A record as it is on a topic: what <see cref="RecordCodec"/> writes and reads. No client library's type.</summary>
/// <param name="Key">UTF-8 text; null when the record has none (or it is not UTF-8: then it is in no lane and becomes a dead letter).</param>
/// <param name="Value">The data; null for a tombstone.</param>
/// <param name="Headers">In the order of the record; a name may come twice.</param>
public sealed record KafkaRecord(string? Key, byte[]? Value, IReadOnlyList<KeyValuePair<string, byte[]>> Headers)
{
    /// <summary>The last header of that name as UTF-8 text; null when there is none.</summary>
    public string? Header(string name)
    {
        for (var i = Headers.Count - 1; i >= 0; i--)
        {
            if (Headers[i].Key == name) return System.Text.Encoding.UTF8.GetString(Headers[i].Value);
        }

        return null;
    }
}
