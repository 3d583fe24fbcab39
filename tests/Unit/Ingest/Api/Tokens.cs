using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Parley.Unit.Ingest.Api;

/// <summary>Makes tokens by hand, so that every part of one can be made wrong.</summary>
internal static class Tokens
{
    public const string Secret = "a-secret-of-the-demo-tenant-that-is-long-enough";

    public static JsonObject Header(string alg = "HS256") => new() { ["alg"] = alg, ["typ"] = "JWT" };

    public static JsonObject Claims(DateTimeOffset now) => new()
    {
        ["sub"] = "backend",
        ["tenant_id"] = "demo",
        ["user_role"] = "service",
        ["permissions"] = new JsonArray("chat:send", "chat:read"),
        ["rate_limit_tier"] = "default",
        ["exp"] = now.AddHours(1).ToUnixTimeSeconds(),
    };

    public static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    public static string Encode(JsonObject json) => Encode(json.ToJsonString(new JsonSerializerOptions { WriteIndented = false }));

    public static string Hs256(JsonObject header, JsonObject claims, string secret = Secret) => Hs256(Encode(header), Encode(claims), Encoding.UTF8.GetBytes(secret));

    public static string Hs256(string header, string claims, byte[] secret) => Sign(header, claims, bytes => HMACSHA256.HashData(secret, bytes));

    public static string Rs256(JsonObject header, JsonObject claims, RSA key) =>
        Sign(Encode(header), Encode(claims), bytes => key.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

    public static string Es256(JsonObject header, JsonObject claims, ECDsa key) =>
        Sign(Encode(header), Encode(claims), bytes => key.SignData(bytes, HashAlgorithmName.SHA256));

    public static JsonObject With(this JsonObject json, string name, JsonNode? value)
    {
        json[name] = value;
        return json;
    }

    public static JsonObject Without(this JsonObject json, string name)
    {
        json.Remove(name);
        return json;
    }

    private static string Sign(string header, string claims, Func<byte[], byte[]> sign) =>
        $"{header}.{claims}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes($"{header}.{claims}")))}";
}
