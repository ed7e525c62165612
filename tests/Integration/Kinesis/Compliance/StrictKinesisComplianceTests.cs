using Xunit;

namespace CohortPipeline.Tests.Integration.Kinesis.Compliance;

/// <summary>What a server does that refuses what the service refuses.</summary>
public abstract class StrictKinesisComplianceTests : KinesisComplianceTests
{
    private const int MiB = 1024 * 1024;

    [Fact]
    public async Task A_call_takes_500_records_and_no_more()
    {
        await NewStreamAsync();
        Assert.Null(await RefusalAsync(Records(500, 1)));
        Assert.Equal("ValidationException", await RefusalAsync(Records(501, 1)));
    }

    [Fact]
    public async Task A_call_takes_five_mebibytes_with_keys_and_no_more()
    {
        await NewStreamAsync();
        var entries = Records(10, (MiB / 2) - 3);
        Assert.Null(await RefusalAsync(entries));
        entries[0].Data = new byte[(MiB / 2) - 2];
        Assert.Equal("InvalidArgumentException", await RefusalAsync(entries));
    }

    [Fact]
    public async Task A_record_above_a_mebibyte_is_refused()
    {
        await NewStreamAsync();
        Assert.Null(await RefusalAsync(Records(1, MiB - 3)));
        Assert.Equal("ValidationException", await RefusalAsync(Records(1, MiB + 1)));
    }

    [Fact]
    public async Task A_split_at_the_edge_of_the_range_is_refused()
    {
        await NewStreamAsync();
        await RefusedAsync("InvalidArgumentException", "SplitShard", Stream(("ShardToSplit", First), ("NewStartingHashKey", "0")));
    }

    /// <summary>Why the call was refused; null where it was not.</summary>
    private async Task<string?> RefusalAsync((string Key, byte[] Data)[] entries)
    {
        var response = await Sender.SendAsync(SenderFixtures.Request(entries), Cancellation);
        return response.Entries is null ? response.Code : null;
    }

    /// <summary>With keys of three bytes.</summary>
    private static (string Key, byte[] Data)[] Records(int count, int bytes) =>
        [.. Enumerable.Range(0, count).Select(number => ($"{number:d3}", new byte[bytes]))];
}
