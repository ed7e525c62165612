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

    /// <summary>A user of two windows is looked at for the short one each time that it is used, and waits for the long one all along.</summary>
    [Fact]
    public void Looks_at_a_near_timer_leave_nothing_behind_of_the_far_one()
    {
        const int users = 5_000;
        const long far = 1_000_000;
        const int rounds = 40;
        var atFirst = 0L;
        for (var round = 0; round < rounds; round++)
        {
            for (var user = 0; user < users; user++)
                _timers.Arm(Entry($"u:{user}"), round + 1);
            for (var user = 0; user < users; user += 3)
                _timers.Arm(Entry($"u:{user}"), round);
            Assert.Equal(users, _timers.Count);
            Assert.Equal(users, TakeAll(round + 2).Count);
            Assert.Equal(0, _timers.Count);
            for (var user = 0; user < users; user++)
                _timers.Arm(Entry($"u:{user}"), far + user);
            if (round == 0)
                atFirst = _timers.Bytes;
        }

        Assert.InRange(_timers.Bytes, 1, 5 * atFirst);
        Assert.Equal(Enumerable.Range(0, users).Select(user => $"u:{user}"), TakeAll(far + users));
        Assert.Empty(TakeAll(long.MaxValue));
    }

    private int Entry(string key) => _store.FindOrAdd(System.Text.Encoding.UTF8.GetBytes(key));

    private List<string> TakeAll(long limit, int room = 4)
    {
        var taken = new List<string>();
        var entries = new int[room];
        for (int count; (count = _timers.Take(limit, entries)) > 0;)
            taken.AddRange(entries.Take(count).Select(entry => System.Text.Encoding.UTF8.GetString(_store.Key(entry))));
        return taken;
    }
}
