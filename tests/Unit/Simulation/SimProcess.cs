namespace Parley.Unit.Simulation;

/// <summary>A process that is started again some time after it has crashed, knowing nothing.</summary>
internal sealed class SimProcess
{
    private readonly SimWorld _world;
    private readonly SimTopic _topic;
    private readonly Action<SimRun> _handle;

    public SimProcess(SimWorld world, SimTopic topic, Action<SimRun> handle)
    {
        (_world, _topic, _handle) = (world, topic, handle);
        Present = Start();
    }

    public SimConsumer Present { get; private set; }

    public void Crash() => Crash(Present);

    private void Crash(SimConsumer consumer)
    {
        if (consumer.IsDead) return;
        consumer.Crash(() => Present = Start());
    }

    private SimConsumer Start()
    {
        SimConsumer? started = null;
        return started = new SimConsumer(_world, _topic, _handle) { Kill = () => Crash(started!) };
    }
}
