using System.Globalization;
using System.Text;
using CohortPipeline.Contracts;
using Xunit;

namespace CohortPipeline.Tests.Unit.Contracts;

public sealed class ShardHashTests
{
    /// <summary>MD5 of <c>a</c> and of the empty text stand in RFC 1321; <c>é</c> is of two bytes (<c>printf é | md5sum</c>).</summary>
    [Theory]
    [InlineData("a", "0cc175b9c0f1b6a831c399e269772661")]
    [InlineData("", "d41d8cd98f00b204e9800998ecf8427e")]
    [InlineData("é", "66ddcd97cfdeabb2f6fb8a999b4bc76f")]
    public void A_key_lies_at_the_MD5_of_its_UTF8(string key, string hash) =>
        Assert.Equal(UInt128.Parse(hash, NumberStyles.HexNumber, CultureInfo.InvariantCulture), ShardHash.Of(Encoding.UTF8.GetBytes(key)));

    [Fact]
    public void Keys_of_any_length_lie_where_the_platforms_MD5_says()
    {
        var key = new byte[130];
        new Random(20_261_128).NextBytes(key);
#pragma warning disable CA5351 // The other MD5 to compare with.
        for (var length = 0; length <= key.Length; length++)
            Assert.Equal(System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(System.Security.Cryptography.MD5.HashData(key.AsSpan(0, length))), ShardHash.Of(key.AsSpan(0, length)));
#pragma warning restore CA5351
    }
}
