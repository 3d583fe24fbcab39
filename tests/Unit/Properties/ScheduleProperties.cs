namespace Parley.Unit.Properties;

public sealed class ScheduleProperties
{
    [Fact]
    public void Whatever_happens_the_scheduler_does_what_the_naive_model_does() => Property.ForAll(d => d, d => new ScheduleModel(d).Run(), cases: 1_000, draws: 400);
}
