using CohortPipeline.Log;
using Xunit;

namespace CohortPipeline.Tests.Integration.Compliance;

/// <summary>What a log for real use does beyond <see cref="LogComplianceTests"/>: it serves several threads, and guards its users against themselves.</summary>
public abstract class ServedLogComplianceTests : LogComplianceTests
{
    [Fact]
    public async Task A_waiting_poll_wakes_up_for_a_commit()
    {
        var topic = await NewTopicAsync();
        var reader = NewReaderAt(topic, 0);
        ReadToEnd(reader, 0);
        var waiting = Task.Run(() => PollOnce(reader, timeout: Patience), Cancellation);

        Publish(topic, 0, "wake up");

        Assert.Equal(["wake up"], (await waiting).Records.Select(record => record.Value));
    }

    [Fact]
    public async Task Positions_of_partitions_that_have_gone_are_not_committed()
    {
        var (topic, output) = (await NewTopicAsync(2), await NewTopicAsync());
        var group = NewName("group");
        var (first, firstHandler) = NewMember(group, topic);
        Until("both partitions", () => Poll(first, firstHandler, 2));
        var (second, secondHandler) = NewMember(group, topic);
        Until("one partition each", () =>
        {
            PollOnce(first);
            return Poll(second, secondHandler, 1) && firstHandler.Owned.Count == 1;
        });
        var gone = Assert.Single(secondHandler.Owned);

        Assert.False(first.Commit([new(topic, gone.Partition, 0, "too late")]));
        using var writer = NewWriter();
        Append(writer, output, 0, "too late");
        Assert.NotEqual(CommitOutcome.Committed, writer.Commit(first, [new(topic, gone.Partition, 0, "too late")]));

        Assert.False(second.Committed([gone])[0].Exists);
        Assert.Empty(ReadToEnd(NewReaderAt(output, 0), 0).Records);
    }
}
