using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Kinesis.Local;
using Xunit;
using static CohortPipeline.Tests.Unit.LocalKinesis.StreamSamples;

namespace CohortPipeline.Tests.Unit.LocalKinesis;

public sealed class PutReaderTests
{
    [Fact]
    public void Reads_records_with_their_members_in_any_order_and_skips_the_rest()
    {
        using var batch = Read("""
            {"Unknown": {"Records": [1]}, "StreamARN": "arn:x", "Records": [
              {"Data": "AQI=", "PartitionKey": "a", "More": [{}]},
              {"PartitionKey": "b\u00e9\"\n", "ExplicitHashKey": "340282366920938463463374607431768211455", "Data": ""}
            ], "StreamName": "s"}
            """);
        Assert.Equal(("s", "arn:x"), (batch.StreamName, batch.StreamArn));
        Assert.Equal([("a", "0102"), ("bé\"\n", "")], batch.Entries.Select(entry => (Encoding.UTF8.GetString(batch.Key(entry)), Convert.ToHexString(batch.Data(entry)))));
        Assert.Equal([ShardHash.Of("a"u8), UInt128.MaxValue], batch.Entries.Select(entry => entry.HashKey));
    }

    [Fact]
    public void Data_may_be_escaped()
    {
        using var batch = Read("""{"Records": [{"Data": "\u002B\/8\u003d", "PartitionKey": "a"}]}""");
        Assert.Equal("FBFF", Convert.ToHexString(batch.Data(batch.Entries[0])));
    }

    [Theory]
    [InlineData("""[]""", "SerializationException")]
    [InlineData("""{"Records": {}}""", "SerializationException")]
    [InlineData("""{"Records": [1]}""", "SerializationException")]
    [InlineData("""{"Records": [{"Data": 1, "PartitionKey": "a"}]}""", "SerializationException")]
    [InlineData("""{"Records": [{"Data": "AQ", "PartitionKey": "a"}]}""", "SerializationException")]
    [InlineData("""{"Records": [{"Data": "A*==", "PartitionKey": "a"}]}""", "SerializationException")]
    [InlineData("""{"Records": [{"Data": null, "PartitionKey": "a"}]}""", "ValidationException")]
    [InlineData("""{"Records": [{"Data": "AQ=="}]}""", "ValidationException")]
    [InlineData("""{"Records": [{"Data": "AQ==", "PartitionKey": "a", "ExplicitHashKey": "340282366920938463463374607431768211456"}]}""", "InvalidArgumentException")]
    [InlineData("""{"Records": [{"Data": "AQ==", "PartitionKey": "a", "ExplicitHashKey": "-1"}]}""", "InvalidArgumentException")]
    public void Refuses_what_is_no_put(string body, string type) => Assert.Equal(type, Refusal(() => Read(body).Dispose()).Type);

    [Fact]
    public void Names_the_entry_and_the_member_that_is_missing() =>
        Assert.Equal(
            "1 validation error detected: Value at 'records.2.member.partitionKey' failed to satisfy constraint: Member must not be null",
            Refusal(() => Read("""{"Records": [{"Data": "", "PartitionKey": "a"}, {"Data": ""}]}""").Dispose()).Message);

    private static PutBatch Read(string json)
    {
        var body = Encoding.UTF8.GetBytes(json);
        var batch = new PutBatch(body.Length);
        PutReader.ReadRecords(body, batch);
        return batch;
    }
}
