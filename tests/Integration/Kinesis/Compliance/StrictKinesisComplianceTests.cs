using Amazon.Kinesis;
using Amazon.Kinesis.Model;
using Xunit;

namespace CohortPipeline.Tests.Integration.Kinesis.Compliance;

/// <summary>What a server does that refuses what the service refuses.</summary>
public abstract class StrictKinesisComplianceTests : KinesisComplianceTests
{
    private const int MiB = 1024 * 1024;

    [Fact]
    public async Task A_call_takes_500_records_and_no_more()
    {
        var stream = await NewStreamAsync();
        Assert.Null(await RefusalAsync(stream, Records(500, 1)));
        Assert.Equal("ValidationException", await RefusalAsync(stream, Records(501, 1)));
    }

    [Fact]
    public async Task A_call_takes_five_mebibytes_with_keys_and_no_more()
    {
        var stream = await NewStreamAsync();
        var entries = Records(10, (MiB / 2) - 3);
        Assert.Null(await RefusalAsync(stream, entries));
        entries[0].Data = new(new byte[(MiB / 2) - 2]);
        Assert.Equal("InvalidArgumentException", await RefusalAsync(stream, entries));
    }

    [Fact]
    public async Task A_record_above_a_mebibyte_is_refused()
    {
        var stream = await NewStreamAsync();
        Assert.Null(await RefusalAsync(stream, Records(1, MiB - 3)));
        Assert.Equal("ValidationException", await RefusalAsync(stream, Records(1, MiB + 1)));
    }

    [Fact]
    public async Task A_split_at_the_edge_of_the_range_is_refused()
    {
        await NewStreamAsync();
        await RefusedAsync("InvalidArgumentException", "SplitShard", Stream(("ShardToSplit", First), ("NewStartingHashKey", "0")));
    }

    private async Task<string?> RefusalAsync(string stream, List<PutRecordsRequestEntry> entries)
    {
        try
        {
            await Client.PutRecordsAsync(new() { StreamName = stream, Records = entries }, Cancellation);
            return null;
        }
        catch (AmazonKinesisException exception)
        {
            return exception.ErrorCode;
        }
    }

    /// <summary>With keys of three bytes.</summary>
    private static List<PutRecordsRequestEntry> Records(int count, int bytes) =>
        [.. Enumerable.Range(0, count).Select(number => new PutRecordsRequestEntry { PartitionKey = $"{number:d3}", Data = new(new byte[bytes]) })];
}
