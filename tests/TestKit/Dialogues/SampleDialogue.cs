using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Parley.Engine.V1;
using Xunit;

namespace Parley.TestKit.Dialogues;

/// <summary>A conversation with the demo assistant, and what it must answer.</summary>
public sealed record SampleDialogue(string Name, IReadOnlyList<SampleTurn> Turns, string? DisplayName = null)
{
    private static readonly DateTime DayZero = new(2026, 11, 23, 10, 0, 0, DateTimeKind.Utc);

    /// <summary>Plays the turns in order, handing the context from answer to request as Parley does, and checks each answer.</summary>
    public async Task PlayAsync(Func<ProcessMessageRequest, Task<ProcessMessageResponse>> engine)
    {
        Struct? context = null;
        var day = 0;
        for (var i = 0; i < Turns.Count; i++)
        {
            var turn = Turns[i];
            day = turn.Day ?? day;
            var request = new ProcessMessageRequest
            {
                RequestId = $"t_{i}",
                TenantId = "demo",
                ConversationId = "c_" + Name.Length.ToString(CultureInfo.InvariantCulture),
                User = new User { Id = "u", DisplayName = DisplayName ?? "" },
                Messages = { new Message { MessageId = $"m_{i}", Content = turn.ToContent(), SentAt = Timestamp.FromDateTime(DayZero.AddDays(day)) } },
                Context = context,
            };

            var response = await engine(request);

            turn.Check(request, response);
            context = response.UpdatedContext ?? context;
        }
    }
}

/// <summary>One turn: exactly one of <paramref name="Say"/>, <paramref name="Choose"/> and <paramref name="Send"/>, and what must come back.</summary>
public sealed record SampleTurn(
    IReadOnlyList<string> Answer, string? Say = null, string? Choose = null, string? Title = null, SampleContent? Send = null, int? Day = null,
    IReadOnlyList<string>? Actions = null, IReadOnlyList<string>? Expecting = null, string? Type = null, bool HandOff = false)
{
    public Content ToContent() => this switch
    {
        { Say: { } text } => new Content { Type = "text", Text = text },
        { Choose: { } id } => new Content { Type = "choice", ChoiceId = id, Text = Title ?? "" },
        { Send: { } sent } => new Content { Type = sent.Type, Text = sent.Text ?? "", Data = sent.Data is { } data ? JsonParser.Default.Parse<Struct>(data.GetRawText()) : null },
        _ => throw new InvalidDataException("a turn needs say, choose or send"),
    };

    public void Check(ProcessMessageRequest request, ProcessMessageResponse response)
    {
        var what = $"after '{Say ?? Title ?? Send?.Type}' the assistant said: {response.ResponseContent}";
        Assert.True(response.Success, what);
        Assert.Equal((request.Messages[^1].MessageId, request.ConversationId, request.TenantId), (response.MessageId, response.ConversationId, response.TenantId));
        foreach (var part in Answer) Assert.True(response.ResponseContent.Contains(part, StringComparison.Ordinal), $"'{part}' is missing; {what}");
        if (Actions is not null) Assert.True(Actions.SequenceEqual(response.SuggestedActions.Select(a => a.Id)), $"actions are {response.SuggestedActions}; {what}");
        if (Expecting is not null) Assert.True(Expecting.SequenceEqual(response.NextExpectedInputs), $"expects {response.NextExpectedInputs}; {what}");
        if (Type is not null) Assert.True(Type == response.ResponseType, $"type is {response.ResponseType}; {what}");
        Assert.True(HandOff == response.HandOff, $"hand_off is {response.HandOff}; {what}");

        // WhatsApp takes three buttons of 20 characters: more would not be shown as buttons.
        Assert.InRange(response.SuggestedActions.Count, 0, 3);
        Assert.All(response.SuggestedActions, action => Assert.InRange(action.Title.Length, 1, 20));
    }
}

/// <summary>Something other than text.</summary>
public sealed record SampleContent(string Type, string? Text = null, JsonElement? Data = null);
