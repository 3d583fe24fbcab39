namespace Parley.Dispatcher.Sending;

/// <summary>How fast a channel takes messages. Zero: as fast as they come.</summary>
/// <param name="AccountPerSecond">Messages a second from one account, in any second.</param>
/// <param name="PairBurst">Messages to one recipient that may leave at once …</param>
/// <param name="PairInterval">… and the time that earns one more.</param>
internal readonly record struct SendPace(double AccountPerSecond = 0, int PairBurst = 0, TimeSpan PairInterval = default);
