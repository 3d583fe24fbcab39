using Parley.Common.Records;
using Parley.Common.Streaming;
using Parley.Common.Tenants;
using Parley.Processor.Receipts;
using Parley.Processor.Turns;

namespace Parley.Processor.Inbound;

/// <summary>What the processor does with the records of a conversation: messages become turns, receipts are applied, commands release what is parked.</summary>
internal sealed class InboundHandler(TenantDirectory tenants, TurnRunner turns, ReceiptHandler receipts, TimeProvider time) : ILaneHandler
{
    public async Task<LaneResult> RunAsync(LaneRun run, CancellationToken cancellation)
    {
        if (tenants.Find(run.Key.Tenant) is not { } tenant) return LaneResult.Unhandled($"tenant '{run.Key.Tenant}' is not known");

        switch (run.Head.Decoded)
        {
            case DecodedRecord.OfReceipt(var receipt):
                // The engine has nothing to do with it.
                run.ReleasePermit();
                return await receipts.HandleAsync(receipt, run, cancellation);

            case DecodedRecord.OfCommand(var command):
                return await turns.RunParkedAsync(tenant, command, run, cancellation);

            case DecodedRecord.OfMessage(var message):
                // Nobody may speak, or have the bot speak, on another tenant's account.
                if (tenants.FindAccount(message.Channel, message.Account)?.Tenant != tenant)
                {
                    return LaneResult.Unhandled($"account '{message.Account}' on channel '{message.Channel}' is not tenant '{tenant.Id}'s");
                }

                var policy = tenant.TurnPolicyOf(message.Channel);
                var gathering = Gathering.Of(run, policy, time.GetUtcNow());
                return gathering.Wait is { } wait
                    ? LaneResult.Retry(wait)
                    : await turns.RunAsync(tenant, policy, run, gathering.Count, cancellation);

            default:
                return LaneResult.Unhandled("a record of this type does not belong on parley.inbound");
        }
    }
}
