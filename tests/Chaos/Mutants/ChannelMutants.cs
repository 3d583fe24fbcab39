using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Parley.Common.Records;
using Parley.Common.Tenants;
using Parley.Dispatcher.Channels;
using Parley.Dispatcher.Sending;
using Parley.Ingest.Channels;

namespace Parley.Chaos.Mutants;

/// <summary>Ways in and out of a channel with a mistake.</summary>
internal static class ChannelMutants
{
    public static void Replace<T>(IHostApplicationBuilder builder, Func<T, T> decorate) where T : class
    {
        var real = builder.Services.First(s => s.ServiceType == typeof(T));
        var position = builder.Services.IndexOf(real);
        builder.Services[position] = ServiceDescriptor.Singleton(services => decorate((T)ActivatorUtilities.CreateInstance(services, real.ImplementationType!)));
    }
}

/// <summary>Passes everything on; a mutant overrides what it breaks.</summary>
internal abstract class OutboundDecorator(IOutboundChannel inner) : IOutboundChannel
{
    public string Name => inner.Name;

    public bool Repeatable => inner.Repeatable;

    public bool StatusSettles => inner.StatusSettles;

    public SendPace PaceOf(ChannelAccount account) => inner.PaceOf(account);

    public int CountParts(Reply reply) => inner.CountParts(reply);

    public virtual Task<SendResult> SendAsync(Reply reply, int part, ChannelAccount account, FirstByte first, CancellationToken cancellation) =>
        inner.SendAsync(reply, part, account, first, cancellation);
}

/// <summary>No answer means not taken.</summary>
internal sealed class TakesSilenceForNo(IOutboundChannel inner) : OutboundDecorator(inner)
{
    public override async Task<SendResult> SendAsync(Reply reply, int part, ChannelAccount account, FirstByte first, CancellationToken cancellation) =>
        await base.SendAsync(reply, part, account, first, cancellation) is var result and not SendResult.InDoubt ? result : new SendResult.Refused("no answer", TimeSpan.FromSeconds(1));
}

/// <summary>The HTTP client repeats a call that broke off, below the ledger.</summary>
internal sealed class RepeatsCalls(IOutboundChannel inner) : OutboundDecorator(inner)
{
    public override async Task<SendResult> SendAsync(Reply reply, int part, ChannelAccount account, FirstByte first, CancellationToken cancellation) =>
        await base.SendAsync(reply, part, account, first, cancellation) is var result and not SendResult.InDoubt
            ? result
            : await base.SendAsync(reply, part, account, first, CancellationToken.None);
}

/// <summary>The signature is checked over JSON that was parsed and written again.</summary>
internal sealed class SignsRewrittenJson(IInboundChannel inner) : IInboundChannel
{
    public string Name => inner.Name;

    public string? Handshake(IQueryCollection query, ChannelAccount account) => inner.Handshake(query, account);

    public SignatureCheck Verify(WebhookCall call) => inner.Verify(call with { Body = Encoding.UTF8.GetBytes(JsonNode.Parse(call.Body.Span)!.ToJsonString()) });

    public Normalised Normalise(WebhookCall call) => inner.Normalise(call);
}

/// <summary>Bodies of webhooks are answered 200 at once and dealt with afterwards.</summary>
internal sealed class AnswersFirst : IStartupFilter
{
    private const string Second = "X-Second-Pass";

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(AnswerAsync);
        next(app);
    };

    private static readonly HttpClient Self = new();

    private static async Task AnswerAsync(HttpContext http, RequestDelegate next)
    {
        if (http.Request.Method != "POST" || !http.Request.Path.StartsWithSegments("/webhooks") || http.Request.Headers.ContainsKey(Second)
            || !http.Request.Headers.TryGetValue("X-Hub-Signature-256", out var signature))
        {
            await next(http);
            return;
        }

        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        http.Response.StatusCode = 200;
        _ = LaterAsync(new Uri($"http://{http.Request.Host}{http.Request.Path}"), body.ToArray(), signature.ToString());
    }

    private static async Task LaterAsync(Uri address, byte[] body, string signature)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/json");
        content.Headers.Add("X-Hub-Signature-256", signature);
        content.Headers.Add(Second, "1");
        using var response = await Self.PostAsync(address, content);
    }
}
