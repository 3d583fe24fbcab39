using System.CommandLine;
using System.Text.Json;
using Parley.Standalone.Serving;

namespace Parley.Standalone.CommandLine;

/// <summary>Where the command line finds a tenant's secrets: the demo tenant's in the data folder, others by option.</summary>
internal static class Secrets
{
    /// <summary>The demo tenant of the data folder; null when there is none.</summary>
    /// <exception cref="CommandException">The file is there and cannot be read, or holds another tenant than the one asked for.</exception>
    public static DemoTenantEntry? DemoTenant(ParseResult parsed)
    {
        var file = DataFolder.DemoTenantIn(parsed.GetValue(Options.Data)!);
        if (!File.Exists(file)) return null;

        try
        {
            var tenants = JsonSerializer.Deserialize(File.ReadAllBytes(file), DemoJson.Default.DemoFile)?.Tenants ?? [];
            var asked = parsed.GetValue(Options.Tenant);
            return tenants.FirstOrDefault(t => asked is null || t.Id == asked);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{file} cannot be read (--data): {e.Message}", inner: e);
        }
    }

    /// <summary>The tenant to act for and its key for tokens.</summary>
    public static (string Tenant, string Secret) Signing(ParseResult parsed)
    {
        if (parsed.Secretly(Options.Secret, "PARLEY_JWT_SECRET") is { } secret)
        {
            return System.Text.Encoding.UTF8.GetByteCount(secret) >= 32
                ? (parsed.GetValue(Options.Tenant) ?? Serving.DemoTenant.Id, secret)
                : throw new CommandException("--secret (PARLEY_JWT_SECRET) is shorter than 32 bytes; no instance would take the token");
        }

        return DemoTenant(parsed) is { JwtSecrets: [var first, ..] } tenant ? (tenant.Id, first) : throw new CommandException(
            $"there is no key to sign with: {DataFolder.DemoTenantIn(parsed.GetValue(Options.Data)!)} is missing or has no such tenant (--data, --tenant); give the key by --secret");
    }

    /// <summary>The token to call the API with: the given one, or a fresh one.</summary>
    /// <param name="parsed">The call.</param>
    /// <param name="permission">What a fresh one allows besides sending and reading; null for nothing.</param>
    public static string Bearer(ParseResult parsed, string? permission = null)
    {
        if (parsed.Secretly(Options.Token, "PARLEY_TOKEN") is { } token) return token;
        var (tenant, secret) = Signing(parsed);
        var claims = new ApiToken.Claims(tenant, "cli");
        if (permission is not null) claims = claims with { Permissions = [.. claims.Permissions, permission] };
        return ApiToken.Sign(claims, secret, TimeSpan.FromMinutes(5), TimeProvider.System);
    }
}
