using CohortPipeline.Kinesis.Local;
using Xunit;

namespace CohortPipeline.Tests.Unit.LocalKinesis;

public sealed class HashRangeTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(1_000)]
    public void Even_ranges_leave_no_key_out_and_none_twice(int count)
    {
        var ranges = HashRange.Even(count);
        Assert.Equal(count, ranges.Count);
        Assert.Equal(UInt128.Zero, ranges[0].First);
        Assert.Equal(UInt128.MaxValue, ranges[^1].Last);
        for (var i = 1; i < count; i++)
            Assert.Equal(ranges[i - 1].Last + 1, ranges[i].First);
    }

    [Fact]
    public void Two_ranges_are_those_of_the_service() =>
        Assert.Equal(["170141183460469231731687303715884105727", "170141183460469231731687303715884105728"], [$"{HashRange.Even(2)[0].Last}", $"{HashRange.Even(2)[1].First}"]);

    [Fact]
    public void Three_ranges_are_those_of_the_service() =>
        Assert.Equal(["113427455640312821154458202477256070484", "226854911280625642308916404954512140969"], [$"{HashRange.Even(3)[0].Last}", $"{HashRange.Even(3)[1].Last}"]);
}
