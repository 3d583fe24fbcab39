using Parley.Common.Conversations;
using Parley.Common.Records;
using Parley.Engine.V1;
using Parley.Processor.Engine;

namespace Parley.Unit.Simulation;

/// <summary>An engine whose context is a hash chain over all it was told: one compare finds a loss, a repetition, a swap or a fork.</summary>
internal sealed class SimEngine(SimWorld world)
{
    private readonly Dictionary<ConversationKey, List<Func<bool>>> _inside = [];

    /// <param name="isOwner">Whether the caller's partition is the caller's, whenever asked: a zombie's call may overlap, an owner's never.</param>
    /// <returns>What to call when the answer leaves.</returns>
    public Action Enter(ConversationKey key, Func<bool> isOwner)
    {
        if (!_inside.TryGetValue(key, out var calls)) _inside.Add(key, calls = []);
        calls.Add(isOwner);
        world.Check(calls.Count(owner => owner()) <= 1, $"{key} is in the engine twice");
        if (calls.Count > 1) world.Count("zombie in the engine");
        return () => calls.Remove(isOwner);
    }

    public EngineOutcome Answer(ConversationState state, IReadOnlyList<InboundMessage> messages)
    {
        if (world.Strikes(world.Knobs.EngineFails, "engine failed")) return new EngineOutcome.Failed("struck");
        if (world.Strikes(world.Knobs.EngineRefuses, "engine refused")) return new EngineOutcome.Refused("struck");
        var chain = Chain(state.Context?.GetProperty("chain").GetString(), messages.Select(m => m.MessageId));
        var response = new ProcessMessageResponse { Success = true, ResponseContent = chain, UpdatedContext = new Google.Protobuf.WellKnownTypes.Struct() };
        response.UpdatedContext.Fields["chain"] = Google.Protobuf.WellKnownTypes.Value.ForString(chain);
        return new EngineOutcome.Answered(response);
    }

    public static string Chain(string? before, IEnumerable<string> messages) => DerivedId.Of("chain", [before ?? "", .. messages]);
}
