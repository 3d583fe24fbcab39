using Parley.Standalone.Broker;

namespace Parley.Unit.Standalone.Broker;

public sealed class BacklogTests
{
    private readonly Backlog _backlog = new(limitBytes: 1000);

    [Fact]
    public void Lets_in_until_the_limit_is_reached()
    {
        Assert.Null(_backlog.Judge(600));
        Assert.Null(_backlog.Judge(400));
        Assert.Equal(TimeSpan.FromSeconds(1), _backlog.Judge(1));
    }

    [Fact]
    public void Lets_one_large_call_into_an_empty_broker()
    {
        Assert.Null(_backlog.Judge(5000));
        Assert.NotNull(_backlog.Judge(1));
    }

    [Fact]
    public void Counts_what_was_admitted_once_though_it_is_seen_on_the_topic_too()
    {
        _backlog.Judge(600);
        _backlog.Seen(partition: 0, offset: 0, bytes: 600, admitted: true);

        Assert.Null(_backlog.Judge(400));
    }

    [Fact]
    public void Counts_records_of_other_producers()
    {
        _backlog.Seen(partition: 3, offset: 0, bytes: 900, admitted: false);

        Assert.NotNull(_backlog.Judge(200));
    }

    [Fact]
    public void Looks_at_the_fullest_partition_not_at_the_sum()
    {
        for (var partition = 0; partition < 12; partition++) _backlog.Seen(partition, offset: 0, bytes: 500, admitted: false);

        Assert.Null(_backlog.Judge(400));
    }

    [Fact]
    public void Lets_in_again_when_the_consumer_has_committed()
    {
        _backlog.Seen(0, offset: 10, bytes: 500, admitted: false);
        _backlog.Seen(0, offset: 11, bytes: 500, admitted: false);
        Assert.NotNull(_backlog.Judge(100));

        _backlog.Committed(0, offset: 11);
        Assert.Null(_backlog.Judge(100));
        Assert.False(_backlog.IsEmpty);

        _backlog.Committed(0, offset: 12);
        Assert.True(_backlog.IsEmpty);
    }

    [Fact]
    public void Forgets_what_was_admitted_and_never_came()
    {
        _backlog.Judge(1000);
        Assert.NotNull(_backlog.Judge(100));

        _backlog.Settle();

        Assert.Null(_backlog.Judge(100));
    }

    [Fact]
    public void Is_done_when_what_was_admitted_was_seen_and_committed()
    {
        Assert.True(_backlog.IsDone);
        _backlog.Judge(100);
        Assert.False(_backlog.IsDone);
        _backlog.Seen(0, offset: 0, bytes: 100, admitted: true);
        Assert.False(_backlog.IsDone);
        _backlog.Committed(0, offset: 1);
        Assert.True(_backlog.IsDone);
    }
}
