using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;
using Parley.TestKit.Grpc;

namespace Parley.Integration.Grpc;

public sealed class TlsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("parley-tls-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task An_https_address_is_called_with_TLS_and_an_untrusted_certificate_is_not()
    {
        using X509Certificate2 certificate = NewCertificate();
        string[] arguments = ["--certificate", Write("certificate", certificate.ExportCertificatePem()), "--key", Write("key", Key(certificate))];
        await using PythonGrpcServer server = await PythonGrpcServer.StartAsync(arguments);
        string address = server.OrSkip().Address.Replace("http:", "https:", StringComparison.Ordinal);

        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, presented, _, _) =>
            presented is not null && presented.GetRawCertData().AsSpan().SequenceEqual(certificate.RawData);
        using (GrpcChannel trusting = GrpcChannel.ForAddress(address, new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true }))
            Assert.Contains("xxx", await new ScriptClient(trusting).Unary(new { size = 3 }), StringComparison.Ordinal);

        using GrpcChannel wary = GrpcChannel.ForAddress(address);
        var thrown = await Assert.ThrowsAsync<RpcException>(async () => await new ScriptClient(wary).Unary(new { }));
        // C core says UNAVAILABLE; Grpc.Net.Client says INTERNAL.
        Assert.True(thrown.StatusCode is StatusCode.Unavailable or StatusCode.Internal, thrown.Message);
    }

    private static X509Certificate2 NewCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private static string Key(X509Certificate2 certificate)
    {
        using ECDsa key = certificate.GetECDsaPrivateKey()!;
        return key.ExportPkcs8PrivateKeyPem();
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name + ".pem");
        File.WriteAllText(path, text);
        return path;
    }
}
