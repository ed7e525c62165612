using CohortPipeline.Log;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace CohortPipeline.Tests.Unit.Log;

public sealed class RepeatLimitTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly RepeatLimit _limit;

    public RepeatLimitTests() => _limit = new(_time);

    [Fact]
    public void A_trouble_is_told_as_soon_as_it_begins()
    {
        Assert.True(_limit.MayTell(out var times));
        Assert.Equal(1, times);
    }

    [Fact]
    public void One_that_goes_on_is_told_once_an_interval_with_how_often_it_came()
    {
        var told = new List<long>();
        for (var turn = 0; turn < 241; turn++)
        {
            if (_limit.MayTell(out var times))
                told.Add(times);
            _time.Advance(TimeSpan.FromMilliseconds(50));
        }

        Assert.Equal([1, 100, 100], told);
    }
}
