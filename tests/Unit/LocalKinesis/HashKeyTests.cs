using System.Globalization;
using System.Text;
using CohortPipeline.Kinesis.Local;
using Xunit;

namespace CohortPipeline.Tests.Unit.LocalKinesis;

public sealed class HashKeyTests
{
    /// <summary>MD5 of <c>a</c> and of the empty text stand in RFC 1321; <c>é</c> is of two bytes (<c>printf é | md5sum</c>).</summary>
    [Theory]
    [InlineData("a", "0cc175b9c0f1b6a831c399e269772661")]
    [InlineData("", "d41d8cd98f00b204e9800998ecf8427e")]
    [InlineData("é", "66ddcd97cfdeabb2f6fb8a999b4bc76f")]
    public void A_key_lies_at_the_MD5_of_its_UTF8(string key, string hash) =>
        Assert.Equal(UInt128.Parse(hash, NumberStyles.HexNumber, CultureInfo.InvariantCulture), HashKeys.Of(Encoding.UTF8.GetBytes(key)));

    [Fact]
    public void Keys_of_any_length_lie_where_the_platforms_MD5_says()
    {
        var key = new byte[130];
        new Random(20_261_128).NextBytes(key);
#pragma warning disable CA5351 // The other MD5 to compare with.
        for (var length = 0; length <= key.Length; length++)
            Assert.Equal(System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(System.Security.Cryptography.MD5.HashData(key.AsSpan(0, length))), HashKeys.Of(key.AsSpan(0, length)));
#pragma warning restore CA5351
    }

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
