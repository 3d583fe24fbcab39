using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Engine.V1;
using Parley.Processor.Engine;

namespace Parley.Processor.Turns;

/// <summary>What turns do to the state of a conversation.</summary>
internal static class TurnState
{
    /// <summary>A conversation that begins with this message.</summary>
    public static ConversationState New(InboundMessage first, DateTimeOffset now) => new()
    {
        Channel = first.Channel,
        Account = first.Account,
        Participant = first.Participant,
        Thread = first.Thread,
        CreatedAt = now,
        UpdatedAt = now,
    };

    /// <summary>
    /// Activity at <paramref name="now"/>: opens a session when there is none or it has been idle too long. A new session is the engine's
    /// again, whoever had the last one: a person who has gone home must not leave the customer without an answer for ever.
    /// What was closed is reopened.
    /// </summary>
    public static ConversationState WithActivity(this ConversationState state, ConversationKey key, string turnId, TimeSpan sessionTimeout, DateTimeOffset now)
    {
        var goesOn = state.Session is { } open && now - open.LastActivityAt < sessionTimeout;
        var session = goesOn
            ? state.Session! with { LastActivityAt = now }
            : new Session("s_" + DerivedId.Of("session", key.Tenant, key.ConversationId, turnId), now, now);
        var engineAgain = state.Status == ConversationStatus.Closed || (state.Status == ConversationStatus.HandedOff && !goesOn);
        return state with
        {
            Session = session,
            Status = engineAgain ? ConversationStatus.Active : state.Status,
            OwnershipEpoch = engineAgain && state.Status == ConversationStatus.HandedOff ? state.OwnershipEpoch + 1 : state.OwnershipEpoch,
        };
    }

    /// <summary>The state after an answer: its context, and a person in charge when the engine asks for one.</summary>
    public static ConversationState After(ConversationState state, ProcessMessageResponse response)
    {
        var next = response.UpdatedContext is { } context ? state with { Context = EngineRequest.ToJson(context) } : state;
        return response.HandOff ? next with { Status = ConversationStatus.HandedOff, OwnershipEpoch = state.OwnershipEpoch + 1 } : next;
    }
}
