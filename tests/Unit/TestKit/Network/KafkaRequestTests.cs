using CohortPipeline.TestKit.Network;
using Xunit;

namespace CohortPipeline.Tests.Unit.TestKit.Network;

public sealed class KafkaRequestTests
{
    /// <summary>EndTxn 1 with correlation id 7 of client "c1": transactional id "t-9", producer 5, epoch 2, commit.</summary>
    private const string EndTransaction = "001a0001000000070002633100 03742d39000000000000000500 0201";

    [Fact]
    public void The_end_of_a_transaction_names_client_and_transactional_id() =>
        Assert.Equal(new(KafkaKeys.EndTxn, 7, "c1", "t-9", Bytes(EndTransaction).Length), KafkaRequest.Read(Bytes(EndTransaction)));

    [Theory]
    [InlineData("0001000c0000000900026331 ffff", KafkaKeys.Fetch, 9, "c1")]
    [InlineData("001b000100000001ffff", KafkaKeys.WriteTxnMarkers, 1, "")]
    [InlineData("001a0005000000020001 6300 04742d39", KafkaKeys.EndTxn, 2, "c")]
    [InlineData("00010", -1, 0, "")]
    [InlineData("0001000c00000009 7fff63", KafkaKeys.Fetch, 9, "")]
    public void Of_other_requests_only_the_header_is_read(string frame, short key, int correlation, string client) =>
        Assert.Equal(new(key, correlation, client, null, Bytes(frame).Length), KafkaRequest.Read(Bytes(frame)));

    private static byte[] Bytes(string hex)
    {
        var digits = hex.Replace(" ", "", StringComparison.Ordinal);
        return Convert.FromHexString(digits[..(digits.Length / 2 * 2)]);
    }
}
