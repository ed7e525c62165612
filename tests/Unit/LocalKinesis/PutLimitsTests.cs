using CohortPipeline.Kinesis.Local;
using Xunit;
using static CohortPipeline.Tests.Unit.LocalKinesis.StreamSamples;

namespace CohortPipeline.Tests.Unit.LocalKinesis;

public sealed class PutLimitsTests
{
    private const int MiB = 1024 * 1024;

    [Fact]
    public void A_put_has_1_to_500_records()
    {
        Assert.Equal("ValidationException", Check(Records(0, 1))?.Type);
        Assert.Null(Check(Records(1, 1)));
        Assert.Null(Check(Records(500, 1)));
        Assert.Equal("1 validation error detected: Value at 'records' failed to satisfy constraint: Member must have length less than or equal to 500", Check(Records(501, 1))?.Message);
    }

    [Fact]
    public void A_record_has_a_mebibyte_with_its_key()
    {
        Assert.Null(Check([("abc", new byte[MiB - 3])]));
        var error = Check([("x", [1]), ("abc", new byte[MiB - 2])]);
        Assert.Equal(("ValidationException", "1 validation error detected: Value at 'records.2.member.data' failed to satisfy constraint: Member must have length less than or equal to 1048576"), (error!.Type, error.Message));
    }

    [Fact]
    public void A_request_has_five_mebibytes_with_its_keys()
    {
        Assert.Null(Check(Records(10, (MiB / 2) - 2)));
        var error = Check([.. Records(10, (MiB / 2) - 2), ("k", [])]);
        Assert.Equal(("InvalidArgumentException", "Records size exceeds 5 MB limit"), (error!.Type, error.Message));
    }

    [Fact]
    public void A_stream_of_large_records_takes_ten_mebibytes_of_each()
    {
        Assert.Null(Check([("ab", new byte[(10 * MiB) - 2])], 10 * MiB));
        Assert.Equal("ValidationException", Check([("ab", new byte[(10 * MiB) - 1])], 10 * MiB)?.Type);
        Assert.Equal("InvalidArgumentException", Check([("ab", new byte[(10 * MiB) - 2]), ("k", [])], 10 * MiB)?.Type);
    }

    [Theory]
    [InlineData("k")]
    [InlineData("é")]
    [InlineData("語")]
    [InlineData("😀")]
    public void A_key_has_1_to_256_characters_of_any_length(string character)
    {
        Assert.Null(Check([(string.Concat(Enumerable.Repeat(character, 256)), [])]));
        Assert.Equal(
            "1 validation error detected: Value at 'records.1.member.partitionKey' failed to satisfy constraint: Member must have length less than or equal to 256",
            Check([(string.Concat(Enumerable.Repeat(character, 257)), [])])?.Message);
        Assert.Equal("ValidationException", Check([("", [1])])?.Type);
    }

    private static KinesisError? Check((string Key, byte[] Data)[] records, int recordBytesMax = PutLimits.OrdinaryRecordBytes)
    {
        using var batch = Batch(records);
        return PutLimits.Check(batch, recordBytesMax);
    }

    /// <summary>Records with keys of two bytes.</summary>
    private static (string Key, byte[] Data)[] Records(int count, int dataBytes) => [.. Enumerable.Range(0, count).Select(number => ($"{number % 90 + 10}", new byte[dataBytes]))];
}
