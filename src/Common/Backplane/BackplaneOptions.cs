using System.ComponentModel.DataAnnotations;
using StackExchange.Redis;

namespace Parley.Common.Backplane;

/// <summary>Where the backplane is; setting <c>Redis</c>.</summary>
public sealed class BackplaneOptions : IValidatableObject
{
    /// <summary>host:port, comma-separated, with options as StackExchange.Redis reads them; empty for none: then every process is on its own.</summary>
    public string Address { get; set; } = "";

    /// <summary>How long a call may wait before it is answered without Redis, 1 ms to 1 s (default: 100 ms).</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:00:01")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMilliseconds(100);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Address.Length == 0) yield break;

        string? problem = null;
        try
        {
            if (ConfigurationOptions.Parse(Address).EndPoints.Count == 0) problem = "names no server";
        }
        catch (ArgumentException e)
        {
            problem = e.Message;
        }

        // The address may hold a password: it is not repeated.
        if (problem is not null) yield return new ValidationResult($"Redis:Address is not valid: {problem}", [nameof(Address)]);
    }
}
