using Parley.Common.Records;
using Parley.Engine.V1;

namespace Parley.Processor.Turns;

/// <summary>What an answer says to the customer.</summary>
internal static class ReplyContents
{
    /// <summary>None for response_type none or an answer without text and choices.</summary>
    public static IReadOnlyList<ReplyContent> Of(ProcessMessageResponse response)
    {
        var actions = response.SuggestedActions
            .Where(a => a.Title.Length > 0)
            .Select(a => new ReplyAction(a.Id.Length > 0 ? a.Id : a.Title, a.Title, a.Description.Length > 0 ? a.Description : null))
            .ToList();
        if (response.ResponseType == "none" || response.ResponseContent.Length == 0) return [];
        return
        [
            new ReplyContent
            {
                Type = actions.Count > 0 ? "choices" : "text",
                Text = response.ResponseContent,
                Actions = actions.Count > 0 ? actions : null,
            },
        ];
    }
}
