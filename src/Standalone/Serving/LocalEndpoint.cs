using System.Net;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;
using Parley.Common.Kafka;

namespace Parley.Standalone.Serving;

/// <summary><c>GET /local</c>: what the command line on the same machine needs to know of a running instance.</summary>
internal static class LocalEndpoint
{
    public const string Path = "/local";

    public static void MapLocal(this WebApplication app, bool embedded) => app.MapGet(
        Path,
        (IOptions<KafkaOptions> kafka) => TypedResults.Json(new LocalAnswer(kafka.Value.BootstrapServers, embedded), LocalJson.Default.LocalAnswer))
        .RequireThisMachine();

    /// <summary>
    /// Answers 404 to callers from elsewhere, and to pages of other origins that a browser on this machine shows: they can reach
    /// 127.0.0.1 too, under a name of their own or with a form.
    /// </summary>
    public static TBuilder RequireThisMachine<TBuilder>(this TBuilder endpoints) where TBuilder : IEndpointConventionBuilder =>
        endpoints.AddEndpointFilter(async (context, next) => IsThisMachine(context.HttpContext) ? await next(context) : TypedResults.NotFound());

    private static bool IsThisMachine(HttpContext http)
    {
        if (http.Connection.RemoteIpAddress is not { } address || !IPAddress.IsLoopback(address)) return false;
        if (!IsLoopbackName(http.Request.Host.Host)) return false;
        return http.Request.Headers.Origin is not [{ } origin] || origin == $"{http.Request.Scheme}://{http.Request.Host}";
    }

    private static bool IsLoopbackName(string host) => host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}

/// <param name="KafkaBootstrapServers">host:port of the brokers.</param>
/// <param name="EmbeddedBroker">Whether they are in the instance's own memory.</param>
internal sealed record LocalAnswer(string KafkaBootstrapServers, bool EmbeddedBroker);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(LocalAnswer))]
internal sealed partial class LocalJson : JsonSerializerContext;
