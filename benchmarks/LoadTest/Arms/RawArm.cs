namespace Parley.LoadTest.Arms;

/// <summary>The ceiling: what is consumed is produced, and nothing else. No lanes, no engine, no order between partitions' acknowledgements.</summary>
internal static class RawArm
{
    public static void Run(ArmSettings arm)
    {
        using var consumer = Clients.Consumer(arm);
        using var producer = Clients.Producer(arm);
        consumer.Subscribe(arm.Topic);
        var progress = new Progress(consumer, arm.Topic);
        while (true)
        {
            if (consumer.Consume(50) is { } record) producer.Send(arm.Replies, record.Message, progress.Track(record));
            progress.Store();
        }
    }
}
