namespace Parley.Common.Records;

/// <summary>The <c>ce_type</c> values: the kind and version of a record's data.</summary>
public static class RecordTypes
{
    public const string Message = "parley.message.v1";
    public const string Receipt = "parley.receipt.v1";
    public const string Command = "parley.command.v1";
    public const string Reply = "parley.reply.v1";

    /// <summary>The type of an event's record.</summary>
    public static string Event(string name) => $"parley.event.{name}.v1";
}
