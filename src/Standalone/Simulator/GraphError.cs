using System.Text.Json.Nodes;

namespace Parley.Standalone.Simulator;

/// <summary>An error as the Cloud API words it.</summary>
/// <param name="HttpStatus">The documentation advises against judging by it.</param>
internal sealed record GraphError(int HttpStatus, int Code, string Message, string? Details = null, int? Subcode = null, string Type = "OAuthException")
{
    /// <summary>Digits in front of an error code: a number made so gets that error, for trying out what happens then.</summary>
    public const string FailingNumbers = "1555";

    // What the API refuses at once, and what it accepts and reports later ("Error codes").
    private static readonly Dictionary<int, (int HttpStatus, string Message)> AtOnce = new()
    {
        [130429] = (400, "Rate limit hit"),
        [131000] = (500, "Something went wrong"),
        [131016] = (503, "Service unavailable"),
        [131021] = (400, "Recipient cannot be sender"),
        [131056] = (400, "(Business Account, Consumer Account) pair rate limit hit"),
    };

    private static readonly Dictionary<int, (string Title, string Details)> Later = new()
    {
        [131026] = ("Message undeliverable", "Message Undeliverable."),
        [131047] = ("Re-engagement message", "Message failed to send because more than 24 hours have passed since the customer last replied to this number."),
        [131049] = ("Message not delivered", "In order to maintain a healthy ecosystem engagement, the message failed to be delivered."),
        [131053] = ("Media upload error", "Unable to upload the media used in the message."),
    };

    public static GraphError InvalidParameter(string details) => new(400, 100, "(#100) Invalid parameter", details);

    public static GraphError Missing(string parameter) => new(400, 131008, "(#131008) Required parameter is missing", $"The parameter {parameter} is required.");

    public static GraphError NotValid(string details) => new(400, 131009, "(#131009) Parameter value is not valid", details);

    public static GraphError NoToken { get; } = new(401, 190, "Invalid OAuth access token - Cannot parse access token");

    public static GraphError NoSuchPhone(string id) => new(
        400, 100, $"Unsupported post request. Object with ID '{id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation",
        Subcode: 33, Type: "GraphMethodException");

    /// <summary>The error that a failing number gets in place of an answer; null for every other number.</summary>
    public static GraphError? AtOnceFor(string user) =>
        AtOnce.TryGetValue(CodeIn(user), out var error) ? new GraphError(error.HttpStatus, CodeIn(user), $"(#{CodeIn(user)}) {error.Message}", error.Message) : null;

    /// <summary>The error that a failing number gets as a status; null for every other number.</summary>
    public static (int Code, string Title, string Details)? LaterFor(string user) =>
        Later.TryGetValue(CodeIn(user), out var error) ? (CodeIn(user), error.Title, error.Details) : null;

    public IResult ToResult()
    {
        var error = new JsonObject { ["message"] = Message, ["type"] = Type, ["code"] = Code };
        if (Details is not null) error["error_data"] = new JsonObject { ["messaging_product"] = "whatsapp", ["details"] = Details };
        if (Subcode is { } subcode) error["error_subcode"] = subcode;
        error["fbtrace_id"] = "simulator";
        return TypedResults.Text(new JsonObject { ["error"] = error }.ToJsonString(), "application/json", statusCode: HttpStatus);
    }

    private static int CodeIn(string user) =>
        user.StartsWith(FailingNumbers, StringComparison.Ordinal) && int.TryParse(user.AsSpan(FailingNumbers.Length), out var code) ? code : 0;
}
