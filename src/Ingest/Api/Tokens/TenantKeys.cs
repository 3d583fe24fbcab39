using System.Collections.Frozen;
using System.ComponentModel.DataAnnotations;
using System.Text;
using Microsoft.IdentityModel.Tokens;
using Parley.Common.Tenants;

namespace Parley.Ingest.Api.Tokens;

/// <summary>The keys of every tenant, each good for one algorithm only: a public key can never be taken for a shared secret.</summary>
internal sealed class TenantKeys
{
    private readonly FrozenDictionary<string, IReadOnlyList<TenantKey>> _byTenant;

    /// <exception cref="ValidationException">A tenant's JWKS file cannot be read or has no key that may be used.</exception>
    public TenantKeys(TenantDirectory tenants) => _byTenant = tenants.All.ToFrozenDictionary(t => t.Id, Read, StringComparer.Ordinal);

    /// <summary>The keys that a token with this algorithm and key id may be signed with.</summary>
    public IEnumerable<SecurityKey> Candidates(string tenant, string algorithm, string? keyId) =>
        _byTenant.GetValueOrDefault(tenant, []).Where(k => k.Algorithm == algorithm && (keyId is null || k.Id is null || k.Id == keyId)).Select(k => k.Key);

    private static IReadOnlyList<TenantKey> Read(Tenant tenant) =>
    [
        .. tenant.JwtSecrets.Select(secret => new TenantKey(SecurityAlgorithms.HmacSha256, null, new SymmetricSecurityKey(Encoding.UTF8.GetBytes(secret)))),
        .. tenant.JwksFile is { Length: > 0 } file ? ReadFile(tenant.Id, file) : [],
    ];

    private static List<TenantKey> ReadFile(string tenant, string file)
    {
        JsonWebKeySet set;
        try
        {
            set = new JsonWebKeySet(File.ReadAllText(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ValidationException($"Settings: JwksFile '{file}' of tenant '{tenant}' cannot be read: {e.Message}", e);
        }

        var keys = set.Keys.Where(k => k.Use is null or "sig").Select(ToKey).OfType<TenantKey>().ToList();
        return keys.Count > 0 ? keys : throw new ValidationException(
            $"Settings: JwksFile '{file}' of tenant '{tenant}' has no RSA key of at least 2048 bits (RS256) and no P-256 key (ES256)");
    }

    private static TenantKey? ToKey(JsonWebKey key) => key switch
    {
        { Kty: JsonWebAlgorithmsKeyTypes.RSA, KeySize: >= 2048, Alg: null or SecurityAlgorithms.RsaSha256 } =>
            new(SecurityAlgorithms.RsaSha256, key.Kid, key),
        { Kty: JsonWebAlgorithmsKeyTypes.EllipticCurve, Crv: JsonWebKeyECTypes.P256, Alg: null or SecurityAlgorithms.EcdsaSha256 } =>
            new(SecurityAlgorithms.EcdsaSha256, key.Kid, key),
        _ => null,
    };

    private sealed record TenantKey(string Algorithm, string? Id, SecurityKey Key);
}
