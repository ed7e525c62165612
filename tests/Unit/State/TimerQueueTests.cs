using CohortPipeline.State;
using Xunit;

namespace CohortPipeline.Tests.Unit.State;

public sealed class TimerQueueTests
{
    private readonly ProfileStore _store = new();
    private readonly TimerQueue _timers;

    public TimerQueueTests() => _timers = new(_store);

    [Fact]
    public void Gives_profiles_in_the_order_of_their_timers_and_none_at_the_limit()
    {
        _timers.Arm(Entry("u:late"), 30);
        _timers.Arm(Entry("u:early"), 10);
        _timers.Arm(Entry("u:middle"), 20);
        Assert.Equal(["u:early", "u:middle"], TakeAll(limit: 30));
        Assert.Equal(["u:late"], TakeAll(limit: 31));
    }

    [Fact]
    public void A_timer_that_moves_later_costs_no_second_entry()
    {
        for (var due = 10; due < 1_000; due++)
            _timers.Arm(Entry("u:busy"), due);
        Assert.Equal(1, _timers.Count);
    }

    [Fact]
    public void A_timer_that_moves_earlier_is_seen_once_at_the_earlier_instant()
    {
        _timers.Arm(Entry("u:ada"), 50);
        _timers.Arm(Entry("u:ada"), 20);
        Assert.Equal(["u:ada"], TakeAll(limit: 21));
        Assert.Empty(TakeAll(limit: 1_000));
    }

    private int Entry(string key) => _store.FindOrAdd(System.Text.Encoding.UTF8.GetBytes(key));

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(16)]
    public void Gives_as_many_as_there_is_room_for_and_each_once(int room)
    {
        const int seed = 20261129;
        var random = new Random(seed);
        var instants = Enumerable.Range(0, 10_000).ToArray();
        random.Shuffle(instants);
        var armed = new Dictionary<string, long>();
        foreach (var due in instants.Take(2_000))
        {
            var key = $"u:{random.Next(300)}";
            _timers.Arm(Entry(key), due);
            armed[key] = Math.Min(armed.GetValueOrDefault(key, long.MaxValue), due);
        }

        Assert.Equal(armed.Where(timer => timer.Value < 5_000).OrderBy(timer => timer.Value).Select(timer => timer.Key), TakeAll(5_000, room));
        Assert.Equal(armed.Where(timer => timer.Value >= 5_000).OrderBy(timer => timer.Value).Select(timer => timer.Key), TakeAll(10_000, room));
    }

    private List<string> TakeAll(long limit, int room = 4)
    {
        var taken = new List<string>();
        var entries = new int[room];
        for (int count; (count = _timers.Take(limit, entries)) > 0;)
            taken.AddRange(entries.Take(count).Select(entry => System.Text.Encoding.UTF8.GetString(_store.Key(entry))));
        return taken;
    }
}
