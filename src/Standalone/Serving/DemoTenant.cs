using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Common.Conversations;

namespace Parley.Standalone.Serving;

/// <summary>The tenant that is made up when none is configured: its ids are fixed, its secrets are this data folder's own.</summary>
internal static class DemoTenant
{
    public const string Id = "demo";
    public const string Site = "demo-shop";
    public const string PhoneNumberId = "100000000000001";

    /// <summary>Writes the file, readable by its owner only, unless it is there: the same folder keeps the same secrets, so that tokens go on working.</summary>
    public static void Ensure(string file)
    {
        if (File.Exists(file)) return;

        var settings = new DemoFile([new DemoTenantEntry(
            Id, "Larch & Loom (demo)", [Secret()],
            [
                new DemoAccount(ChannelNames.Web, Site),
                new DemoAccount(ChannelNames.WhatsApp, PhoneNumberId, [Secret()], Secret(), Secret()),
            ])]);

        // Written beside and moved into place: a start that is interrupted leaves no half file behind.
        var draft = file + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var stream = new FileStream(draft, options))
        {
            JsonSerializer.Serialize(stream, settings, DemoJson.Default.DemoFile);
        }

        File.Move(draft, file, overwrite: true);
    }

    private static string Secret() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(36));
}

/// <summary>The file's form: the section <c>Tenants</c> as a configuration file has it.</summary>
internal sealed record DemoFile(IReadOnlyList<DemoTenantEntry> Tenants);

internal sealed record DemoTenantEntry(string Id, string Name, IReadOnlyList<string> JwtSecrets, IReadOnlyList<DemoAccount> Accounts);

internal sealed record DemoAccount(string Channel, string Id, IReadOnlyList<string>? WebhookSecrets = null, string? VerifyToken = null, string? AccessToken = null);

[JsonSourceGenerationOptions(WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DemoFile))]
internal sealed partial class DemoJson : JsonSerializerContext;
