using CohortPipeline.Contracts;
using CohortPipeline.Ingest;
using CohortPipeline.Log;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace CohortPipeline.Tests.Unit.Ingest;

/// <summary>Ingest's question for the ends of its sources, seen through a lane's processor.</summary>
public sealed class SourceEndsTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddMilliseconds(5000));
    private readonly EndsOnly _ends = new();
    private readonly IngestProcessor _processor;

    public SourceEndsTests() => _processor = new(new(), new("", 1, null), "event-ingest", "event-ingest", _ends, _time, NullLogger.Instance);

    public void Dispose() => _processor.Dispose();

    [Fact]
    public void The_ends_are_asked_once_an_interval_for_the_topics_that_are_owned()
    {
        _processor.Tick(null!);
        Assert.Equal(0, _ends.Asked);
        _processor.Assigned(new("events", 0, 7, ""), restored: null);
        _processor.Tick(null!);
        Assert.Equal(1, _ends.Asked);
        _time.Advance(TimeSpan.FromMilliseconds(999));
        _processor.Tick(null!);
        Assert.Equal(1, _ends.Asked);
    }

    [Fact]
    public void A_question_that_is_not_answered_is_not_asked_again_meanwhile()
    {
        _processor.Assigned(new("events", 0, 7, ""), restored: null);
        _processor.Tick(null!);
        _time.Advance(TimeSpan.FromSeconds(5));
        _processor.Tick(null!);
        Assert.Equal(1, _ends.Asked);
    }

    [Fact]
    public void A_log_that_does_not_answer_in_time_is_asked_again_at_the_next_interval()
    {
        _processor.Assigned(new("events", 0, 7, ""), restored: null);
        _processor.Tick(null!);
        _ends.Answer.SetException(new LogUnavailableException("away"));
        _processor.Tick(null!);
        _ends.Answer = new();
        _time.Advance(TimeSpan.FromSeconds(1));
        _processor.Tick(null!);
        Assert.Equal(2, _ends.Asked);
    }

    private sealed class EndsOnly : ILogAdmin
    {
        public int Asked { get; private set; }

        public TaskCompletionSource<long[]> Answer { get; set; } = new();

        public Task<long[]> EndOffsetsAsync(string topic, Isolation isolation, CancellationToken cancellation)
        {
            Assert.Equal(("events", Isolation.Uncommitted), (topic, isolation));
            Asked++;
            return Answer.Task;
        }

        public Task<TopicDescription?> DescribeAsync(string topic, CancellationToken cancellation) => throw new NotSupportedException();

        public Task CreateAsync(TopicSpec topic, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<CommittedPosition[]> CommittedAsync(string group, string topic, CancellationToken cancellation) => throw new NotSupportedException();
    }
}
