namespace Parley.Unit.Simulation;

/// <summary>A process that is started again some time after it has crashed, knowing nothing.</summary>
internal sealed class SimProcess(SimWorld world, SimTopic topic, Action<SimRun> handle)
{
    public SimConsumer Present { get; private set; } = new(world, topic, handle);

    public void Crash()
    {
        if (Present.IsDead) return;
        Present.Crash(() => Present = new SimConsumer(world, topic, handle));
    }
}
