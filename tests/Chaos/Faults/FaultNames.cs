namespace Parley.Chaos.Faults;

/// <summary>Faults by the names used in history, report and settings.</summary>
internal static class FaultNames
{
    public const string Kill = "kill";
    public const string Pause = "pause";
    public const string PauseWorker = "pause worker";
    public const string PauseDispatcher = "pause dispatcher";
    public const string Restart = "restart";
    public const string Storm = "rebalance storm";
    public const string BrokerKill = "broker kill";
    public const string StoreKill = "store kill";
    public const string EngineHangs = "engine hangs";
    public const string Stall = "wire stall";
    public const string Cut = "wire cut";
    public const string CommitUnheard = "commit unheard";
    public const string CommitLost = "commit lost";
    public const string ProduceUnheard = "produce unheard";
    public const string RedisEmptied = "redis emptied";
}
