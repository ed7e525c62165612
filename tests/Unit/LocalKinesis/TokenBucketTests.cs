using CohortPipeline.Kinesis.Local;
using Xunit;

namespace CohortPipeline.Tests.Unit.LocalKinesis;

public sealed class TokenBucketTests
{
    private const long Now = 1_700_000_000_000;

    [Fact]
    public void Takes_a_second_of_records_at_once_and_then_one_a_millisecond()
    {
        var bucket = new TokenBucket(ShardRate.Ordinary, Now);
        Assert.Equal(1_000, Taken(bucket, 1, Now));
        Assert.Equal(1, Taken(bucket, 1, Now + 1));
        Assert.Equal(0, Taken(bucket, 1, Now + 1));
        Assert.Equal(9, Taken(bucket, 1, Now + 10));
        Assert.Equal(1_000, Taken(bucket, 1, Now + 5_000));
    }

    [Fact]
    public void Takes_a_mebibyte_at_once_and_then_its_thousandth_a_millisecond()
    {
        var bucket = new TokenBucket(ShardRate.Ordinary, Now);
        Assert.True(bucket.TryTake((1024 * 1024) - 1, Now));
        Assert.False(bucket.TryTake(2, Now));
        Assert.True(bucket.TryTake(1, Now));

        // 1,048.576 bytes a millisecond: the fraction is not lost.
        Assert.False(bucket.TryTake(1_049, Now + 1));
        Assert.True(bucket.TryTake(1_048, Now + 1));
        Assert.False(bucket.TryTake(1_050, Now + 2));
        Assert.True(bucket.TryTake(1_049, Now + 2));
    }

    [Fact]
    public void A_rate_of_a_trickle_gives_its_record_on_the_millisecond()
    {
        var bucket = new TokenBucket(new(3, 1_000), Now);
        Assert.Equal(3, Taken(bucket, 1, Now));
        Assert.False(bucket.TryTake(1, Now + 333));
        Assert.True(bucket.TryTake(1, Now + 334));
    }

    [Fact]
    public void A_record_above_the_rate_takes_a_full_bucket_and_the_next_waits_for_the_rest()
    {
        var bucket = new TokenBucket(new(1_000, 1_000), Now);
        Assert.True(bucket.TryTake(3_000, Now));
        Assert.False(bucket.TryTake(1, Now + 2_000));
        Assert.True(bucket.TryTake(1, Now + 2_001));
    }

    [Fact]
    public void A_clock_that_goes_back_gives_nothing()
    {
        var bucket = new TokenBucket(new(1, 1_000), Now);
        Assert.True(bucket.TryTake(1, Now));
        Assert.False(bucket.TryTake(1, Now - 60_000));
        Assert.False(bucket.TryTake(1, Now + 999));
        Assert.True(bucket.TryTake(1, Now + 1_000));
    }

    private static int Taken(TokenBucket bucket, int bytes, long now)
    {
        var taken = 0;
        while (bucket.TryTake(bytes, now))
            taken++;
        return taken;
    }
}
