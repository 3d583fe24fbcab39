using System.Security.Cryptography;
using System.Text;

namespace Parley.Chaos.Workload;

/// <summary>A hash per conversation that every turn carries on: one compare at the end finds a turn that was lost, doubled, reordered or forked.</summary>
internal static class HashChain
{
    public const string Start = "";

    /// <summary><c>hash_k = H(hash_{k-1} ‖ message ids)</c>.</summary>
    public static string Next(string before, IEnumerable<string> messageIds) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(before + "\n" + string.Join('\n', messageIds)))[..12]);
}
