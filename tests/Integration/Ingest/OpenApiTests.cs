using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Parley.TestKit;

namespace Parley.Integration.Ingest;

/// <summary>contracts/openapi.yaml names the endpoints that exist, and no others.</summary>
public sealed partial class OpenApiTests
{
    [Fact]
    public async Task Names_every_endpoint_and_no_other()
    {
        await using var app = await IngestApp.StartAsync(TestContext.Current.CancellationToken, kind: null);
        var mapped = app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()

            // The page and its files are no API; probes are mapped without a method.
            .Where(e => e.RoutePattern.RawText is not ("/" or "/webchat/{file}"))
            .SelectMany(e => (e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]).Select(m => $"{m} {e.RoutePattern.RawText}"));
        Assert.Equal(mapped.Distinct().Order(), Documented().Order());
    }

    [Fact]
    public void Every_reference_leads_somewhere()
    {
        var text = Text();
        var names = References().Matches(text).Select(m => m.Groups[2].Value).Distinct().ToList();
        Assert.True(names.Count >= 15);
        Assert.All(names, name => Assert.Matches($@"(?m)^    {name}:", text));
    }

    private static IEnumerable<string> Documented()
    {
        var path = "";
        foreach (var line in Text().Split('\n'))
        {
            if (PathLine().Match(line) is { Success: true } named) path = named.Groups[1].Value;
            else if (path.Length > 0 && MethodLine().Match(line) is { Success: true } method) yield return $"{method.Groups[1].Value.ToUpperInvariant()} {path}";
            if (line == "components:") yield break;
        }
    }

    private static string Text() => File.ReadAllText(Path.Combine(Repository.Root, "contracts", "openapi.yaml"));

    [GeneratedRegex(@"#/components/(\w+)/(\w+)")]
    private static partial Regex References();

    [GeneratedRegex(@"^  (/\S+):$")]
    private static partial Regex PathLine();

    [GeneratedRegex(@"^    (get|post|put|delete|patch):$")]
    private static partial Regex MethodLine();
}
