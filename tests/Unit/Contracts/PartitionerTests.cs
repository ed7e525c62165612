using System.Text;
using CohortPipeline.Contracts;
using Xunit;

namespace CohortPipeline.Tests.Unit.Contracts;

public sealed class PartitionerTests
{
    /// <summary>Values of org.apache.kafka.common.utils.Utils.murmur2, from Kafka's own tests.</summary>
    [Theory]
    [InlineData("21", -973932308)]
    [InlineData("foobar", -790332482)]
    [InlineData("a-little-bit-long-string", -985981536)]
    [InlineData("a-little-bit-longer-string", -1486304829)]
    [InlineData("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971)]
    [InlineData("abc", 479470107)]
    public void Hashes_as_Java_does(string key, int expected) =>
        Assert.Equal(expected, (int)Partitioner.Murmur2(Encoding.UTF8.GetBytes(key)));
}
