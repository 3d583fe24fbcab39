using System.Collections.Frozen;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Parley.Common.Conversations;
using Parley.Common.Tenants;

namespace Parley.Ingest.WebChat;

/// <summary>The chat page and its files, out of the assembly. Nothing on it comes from elsewhere, and nothing in it is inline.</summary>
internal sealed class ChatPage(TenantDirectory tenants)
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly FrozenDictionary<string, string> Types =
        new Dictionary<string, string>
        {
            ["index.html"] = "text/html",
            ["style.css"] = "text/css",
            ["app.js"] = "text/javascript",
            ["client.js"] = "text/javascript",
            ["outbox.js"] = "text/javascript",
            ["view.js"] = "text/javascript",
        }.ToFrozenDictionary();

    private readonly FrozenDictionary<string, byte[]> _files = Types.Keys.ToFrozenDictionary(name => name, Load);

    /// <summary>The page for <c>?site=</c>, or for the first site there is.</summary>
    public IResult Page(HttpContext http)
    {
        var site = http.Request.Query["site"] is [{ Length: > 0 } asked] ? asked : DefaultSite();
        if (site is null || tenants.FindAccount(ChannelNames.Web, site) is not { } found) return Send(http, "index.html", Fill("", ""));
        return Send(http, "index.html", Fill(site, found.Tenant.Name.Length > 0 ? found.Tenant.Name : found.Tenant.Id));
    }

    /// <summary>One of the page's files; 404 for any other name.</summary>
    public IResult File(HttpContext http, string name) =>
        name != "index.html" && _files.TryGetValue(name, out var content) ? Send(http, name, content) : TypedResults.NotFound();

    private byte[] Fill(string site, string title) => Encoding.UTF8.GetBytes(
        Encoding.UTF8.GetString(_files["index.html"]).Replace("{{site}}", WebUtility.HtmlEncode(site), StringComparison.Ordinal)
            .Replace("{{title}}", WebUtility.HtmlEncode(title), StringComparison.Ordinal));

    private string? DefaultSite() => tenants.All.OrderBy(t => t.Id, StringComparer.Ordinal)
        .SelectMany(t => t.Accounts).FirstOrDefault(a => a.Channel == ChannelNames.Web)?.Id;

    private static FileContentHttpResult Send(HttpContext http, string name, byte[] content)
    {
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-cache";
        var tag = new Microsoft.Net.Http.Headers.EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(content))[..16]}\"");
        return TypedResults.Bytes(content, $"{Types[name]}; charset=utf-8", entityTag: tag);
    }

    private static byte[] Load(string name)
    {
        using var stream = typeof(ChatPage).Assembly.GetManifestResourceStream($"page/{name}")
            ?? throw new InvalidOperationException($"The assembly has no resource page/{name}.");
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }
}
