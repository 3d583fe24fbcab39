using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Parley.Common.Stores;
using Parley.Standalone.Broker;

namespace Parley.Standalone.Serving;

/// <summary>Why a start failed, in one line that names the setting.</summary>
internal static class StartProblem
{
    public static string Describe(Exception e) => e switch
    {
        OptionsValidationException options => $"settings of section {Section(options)}: {string.Join("; ", options.Failures.Select(Shorten))}",
        ValidationException or EmbeddedBrokerException => OneLine(e.Message),
        StoreUnavailableException => $"the store cannot be used (section Store): {OneLine(e.Message)}",

        // A file that cannot be read says so itself, its cause says what is wrong in it.
        InvalidDataException { InnerException: { } inner } => $"{OneLine(e.Message)} {OneLine(inner.Message)}",
        _ => OneLine(e.Message),
    };

    private static string Section(OptionsValidationException e) =>
        e.OptionsType.Name.EndsWith("Options", StringComparison.Ordinal) ? e.OptionsType.Name[..^"Options".Length] : e.OptionsType.Name;

    // "DataAnnotation validation failed for 'KafkaOptions' members: 'Partitions' with the error: 'The field …'."
    private static string Shorten(string failure)
    {
        const string Lead = "members: '";
        var start = failure.IndexOf(Lead, StringComparison.Ordinal);
        return OneLine(start < 0 ? failure : failure[(start + Lead.Length - 1)..]);
    }

    private static string OneLine(string text) => string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
