using System.Diagnostics.Metrics;
using Amazon.Runtime;
using CohortPipeline.Sinks.Kinesis;
using CohortPipeline.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace CohortPipeline.Tests.Unit.Kinesis;

public sealed class SessionCredentialsTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly WatchedClock _time = new();
    private readonly Source _source;

    public SessionCredentialsTests() => _source = new(_time);

    [Fact]
    public async Task One_call_serves_everybody_who_asks_at_once()
    {
        await using var credentials = New();
        var sessions = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => credentials.CurrentAsync(TestContext.Current.CancellationToken)));
        Assert.Single(sessions.Distinct());
        Assert.Equal(1, _source.Calls);
    }

    [Fact]
    public async Task Renews_in_the_background_before_a_session_ends()
    {
        await using var credentials = New();
        var first = await credentials.CurrentAsync(TestContext.Current.CancellationToken);
        await AdvanceUntil(TimeSpan.FromMinutes(56), () => _source.Calls == 2);
        Assert.True(first.ExpiresAt > _time.GetUtcNow());

        // The new session is in use a moment after it was handed out.
        await Eventually.HoldsAsync(
            async cancellation => await credentials.CurrentAsync(cancellation) != first ? null : "the new session",
            Deadline,
            TestContext.Current.CancellationToken);
        Assert.Equal(2, _source.Calls);
    }

    [Fact]
    public async Task A_session_of_five_seconds_is_renewed_at_two_thirds()
    {
        _source.Lifetime = TimeSpan.FromSeconds(5);
        await using var credentials = New();
        await credentials.CurrentAsync(TestContext.Current.CancellationToken);
        await AdvanceUntil(TimeSpan.FromSeconds(3.4), () => _source.Calls == 2);
    }

    [Fact]
    public async Task An_expired_token_is_renewed_once_for_all_who_met_it()
    {
        await using var credentials = New();
        var seen = await credentials.CurrentAsync(TestContext.Current.CancellationToken);
        var renewed = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => credentials.RenewAsync(seen, TestContext.Current.CancellationToken)));
        Assert.Equal(2, _source.Calls);
        Assert.DoesNotContain(seen, renewed);
    }

    [Fact]
    public async Task A_refusal_reaches_whoever_asks_and_the_next_one_asks_again()
    {
        _source.Refuses = true;
        await using var credentials = New();
        await Assert.ThrowsAsync<AmazonServiceException>(() => credentials.CurrentAsync(TestContext.Current.CancellationToken));
        _source.Refuses = false;
        await credentials.CurrentAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, _source.Calls);
    }

    [Fact]
    public async Task A_renewal_that_fails_leaves_the_session_in_hand_until_it_ends()
    {
        await using var credentials = New();
        var first = await credentials.CurrentAsync(TestContext.Current.CancellationToken);
        _source.Refuses = true;
        await AdvanceUntil(TimeSpan.FromMinutes(56), () => _source.Calls >= 2);
        Assert.Equal(first, await credentials.CurrentAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Tells_when_the_session_ends()
    {
        var ends = new List<long>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, found) =>
            {
                if (instrument.Name == "cohort.kinesis.session.ends")
                    found.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            if (tags[0].Value is "ads-sessions")
                ends.Add(value);
        });
        listener.Start();
        await using var credentials = New();
        var session = await credentials.CurrentAsync(TestContext.Current.CancellationToken);
        Assert.Contains(session.ExpiresAt.ToUnixTimeSeconds(), ends);
    }

    private SessionCredentials New() => new(_source, _time, NullLogger.Instance);

    /// <summary>Moves the clock once the background task waits for it.</summary>
    private async Task AdvanceUntil(TimeSpan time, Func<bool> holds)
    {
        await Eventually.HoldsAsync(() => _time.HasTimer, "a renewal that waits", Deadline, TestContext.Current.CancellationToken);
        _time.Advance(time);
        await Eventually.HoldsAsync(holds, "the renewal", Deadline, TestContext.Current.CancellationToken);
    }

    private sealed class WatchedClock : FakeTimeProvider
    {
        private int _timers;

        public bool HasTimer => Volatile.Read(ref _timers) > 0;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            Interlocked.Increment(ref _timers);
            return timer;
        }
    }

    private sealed class Source(TimeProvider time) : ISessionSource
    {
        private int _calls;

        public string DestinationId => "ads-sessions";

        public int Calls => Volatile.Read(ref _calls);

        public TimeSpan Lifetime { get; set; } = TimeSpan.FromHours(1);

        public bool Refuses { get; set; }

        public Task<Session> AssumeAsync(CancellationToken cancellation)
        {
            var number = Interlocked.Increment(ref _calls);
            return Refuses
                ? Task.FromException<Session>(new AmazonServiceException("not today"))
                : Task.FromResult(new Session(new($"key{number}", "secret", "token"), time.GetUtcNow() + Lifetime));
        }

        public void Dispose()
        {
        }
    }
}
