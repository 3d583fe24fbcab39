using System.Security.Cryptography;
using System.Text;
using BenchmarkDotNet.Attributes;
using Microsoft.AspNetCore.Http;
using Parley.Common.Tenants;
using Parley.Ingest.Channels;
using Parley.Ingest.Channels.Meta;
using Parley.Ingest.Channels.WhatsApp;
using Parley.TestKit.Hosts;

namespace Parley.Microbenchmarks;

/// <summary>What a WhatsApp webhook with one text costs before its record is written.</summary>
[MemoryDiagnoser]
public class WebhookBenchmark
{
    private static readonly WhatsAppInbound Channel = new();
    private static readonly WebhookCall Call = Make();

    [Benchmark]
    public bool CheckSignature() => Channel.Verify(Call) == SignatureCheck.Valid;

    [Benchmark]
    public object Normalise() => Channel.Normalise(Call);

    private static WebhookCall Make()
    {
        var body = TestTenant.WhatsAppText("16505551234", Samples.Text, "wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTdCNTg5RjY1MEMyRjlGMjRGNgA=");
        var account = new ChannelAccount { Channel = "whatsapp", Id = TestTenant.PhoneNumberId, WebhookSecrets = [TestTenant.AppSecret] };
        var headers = new HeaderDictionary
        {
            [HubSignature.Header] = "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(TestTenant.AppSecret), body)),
        };
        return new WebhookCall(body, headers, new Tenant { Id = "demo", Accounts = [account] }, account, Samples.Now);
    }
}
