using System.Text;
using Confluent.Kafka;

namespace Parley.Common.Kafka;

internal sealed class NullableText : ISerializer<string?>, IDeserializer<string?>
{
    public static readonly NullableText Instance = new();

    // Throws on what is not UTF-8: two broken keys must not fall together on U+FFFD.
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public byte[]? Serialize(string? data, SerializationContext context) => data is null ? null : Encoding.UTF8.GetBytes(data);

    /// <summary>A key that is not UTF-8 is read as none, which sends the record to the dead letters. A deserializer must not throw out of Consume.</summary>
    public string? Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
    {
        if (isNull) return null;
        try
        {
            return Strict.GetString(data);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}

internal sealed class NullableBytes : ISerializer<byte[]?>, IDeserializer<byte[]?>
{
    public static readonly NullableBytes Instance = new();

    public byte[]? Serialize(byte[]? data, SerializationContext context) => data;

    public byte[]? Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context) => isNull ? null : data.ToArray();
}
