using System.Security.Cryptography;
using System.Text;
using Parley.TestKit.Hosts;

namespace Parley.Integration.Ingest;

internal static class WhatsAppCalls
{
    /// <summary>The signature header's value for a body.</summary>
    public static string Sign(byte[] body) =>
        "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(TestTenant.AppSecret), body));
}
