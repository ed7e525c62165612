using System.Text;
using System.Text.Json;
using Amazon.Kinesis.Internal;
using CohortPipeline.Sinks.Kinesis;
using Xunit;

namespace CohortPipeline.Tests.Unit.Kinesis;

public sealed class PutRecordsAnswerTests
{
    [Fact]
    public void An_entry_has_its_shard_or_its_code_and_the_shard_that_its_message_names()
    {
        var results = Read("""
            {"EncryptionType":"KMS","FailedRecordCount":2,"Records":[
              {"SequenceNumber":"49543463076548007577105092703039560359975228518395012686","ShardId":"shardId-000000000000"},
              {"ErrorCode":"ProvisionedThroughputExceededException","ErrorMessage":"Rate exceeded for shard shardId-000000000003 in stream s under account 1."},
              {"ErrorCode":"InternalFailure","ErrorMessage":"Internal service failure."},
              {"ErrorCode":null,"ErrorMessage":null,"SequenceNumber":"1","ShardId":"shardId-000000000000","Newer":{"a":[1]}}],"More":[{}]}
            """);
        Assert.Equal([new(null, "shardId-000000000000"), new("ProvisionedThroughputExceededException", "shardId-000000000003"), new("InternalFailure", null), new EntryResult(null, "shardId-000000000000")], results);
        Assert.Same(results[0].ShardId, results[3].ShardId);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>")]
    [InlineData("""{"Records":[{"ShardId":"shardId-0""")]
    public void What_is_cut_off_or_no_answer_is_refused(string answer) => Assert.ThrowsAny<JsonException>(() => Read(answer));

    /// <summary>The sender holds their count against that of the records it sent.</summary>
    [Fact]
    public void An_answer_without_records_has_none() => Assert.Empty(Read("{}"));

    private static List<EntryResult> Read(string answer)
    {
        var results = new List<EntryResult>();
        PutRecordsAnswer.Read(Encoding.UTF8.GetBytes(answer), results);
        return results;
    }
}
