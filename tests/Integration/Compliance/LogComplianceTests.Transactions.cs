using CohortPipeline.Log;
using Xunit;

namespace CohortPipeline.Tests.Integration.Compliance;

public abstract partial class LogComplianceTests
{
    [Fact]
    public async Task Shows_nothing_before_the_commit()
    {
        var topic = await NewTopicAsync();
        using var writer = NewWriter();
        Assert.False(writer.InTransaction);
        AppendAhead(writer, new(topic, 0), "k", "pending");
        Assert.True(writer.InTransaction);
        var reader = NewReaderAt(topic, 0);
        Assert.Empty(ReadToPending(reader, 0).Records);
        Assert.Equal(0, reader.EndOffset(new(topic, 0), Isolation.Committed));

        Assert.Equal(CommitOutcome.Committed, writer.Commit(null, []));

        Assert.False(writer.InTransaction);
        Assert.Equal(["pending"], ReadValues(reader, 1));
    }

    [Fact]
    public async Task An_abort_leaves_nothing_visible()
    {
        var topic = await NewTopicAsync(2);
        using var writer = NewWriter();
        Append(writer, topic, 0, "given up 1", "given up 2");
        AppendAhead(writer, new(topic, 1), "k", "given up 3");
        Assert.Equal(CommitOutcome.Aborted, writer.Abort());
        Assert.False(writer.InTransaction);
        Append(writer, topic, 0, "stands");
        Assert.Equal(CommitOutcome.Committed, writer.Commit(null, []));

        Assert.Equal(["stands"], ReadToEnd(NewReaderAt(topic, 0, 1), 0, 1).Records.Select(record => record.Value));
    }

    [Fact]
    public async Task Commits_outputs_of_several_topics_and_positions_as_one()
    {
        var (input, first, second) = (await NewTopicAsync(2), await NewTopicAsync(), await NewTopicAsync(2));
        Publish(input, 0, "a", "b");
        var group = NewName("group");
        var (reader, handler) = NewMember(group, input);
        Until("both partitions", () => Poll(reader, handler, 2));
        using var writer = NewWriter();
        Append(writer, first, 0, "one");
        Append(writer, second, 0, "two");
        Append(writer, second, 1, "three");

        Assert.Equal(CommitOutcome.Committed, writer.Commit(reader, [new(input, 0, 2, "seq=1"), new(input, 1, 0, "seq=1 too")]));

        Assert.Equal(["one"], ReadValues(NewReaderAt(first, 0), 1));
        Assert.Equal(["three", "two"], ReadValues(NewReaderAt(second, 0, 1), 2).Order());
        Assert.Equal([new(input, 0, 2, "seq=1"), new(input, 1, 0, "seq=1 too")], reader.Committed([new(input, 0), new(input, 1)]));
        Assert.Equal([new(input, 0, 2, "seq=1"), new(input, 1, 0, "seq=1 too")], await Log.Admin.CommittedAsync(group, input, Cancellation));
    }

    [Fact]
    public async Task An_abort_keeps_the_old_positions()
    {
        var (input, output) = (await NewTopicAsync(), await NewTopicAsync());
        Publish(input, 0, "a", "b", "c");
        var (reader, handler) = NewMember(NewName("group"), input);
        Until("the partition", () => Poll(reader, handler, 1));
        using var writer = NewWriter();
        Append(writer, output, 0, "of a");
        Assert.Equal(CommitOutcome.Committed, writer.Commit(reader, [new(input, 0, 1, "after a")]));
        Append(writer, output, 0, "of b");
        Assert.Equal(CommitOutcome.Aborted, writer.Abort());

        Assert.Equal([new(input, 0, 1, "after a")], reader.Committed([new(input, 0)]));
        Assert.Equal(["of a"], ReadToEnd(NewReaderAt(output, 0), 0).Records.Select(record => record.Value));
    }

    [Fact]
    public async Task Commits_positions_without_outputs_through_a_writer()
    {
        var input = await NewTopicAsync();
        Publish(input, 0, "a");
        var (reader, handler) = NewMember(NewName("group"), input);
        Until("the partition", () => Poll(reader, handler, 1));
        using var writer = NewWriter();

        Assert.Equal(CommitOutcome.Committed, writer.Commit(reader, [new(input, 0, 1, "nothing came of it")]));

        Assert.Equal([new(input, 0, 1, "nothing came of it")], reader.Committed([new(input, 0)]));
    }

    [Fact]
    public void An_empty_commit_is_an_error()
    {
        using var writer = NewWriter();
        Assert.Throws<InvalidOperationException>(() => writer.Commit(null, []));
    }

    [Fact]
    public async Task A_new_writer_of_the_same_id_fences_the_old_one()
    {
        var topic = await NewTopicAsync();
        var id = NewName("writer");
        using var old = NewWriter(id);
        Append(old, topic, 0, "of the old one");

        using var next = NewWriter(id);
        Append(next, topic, 0, "of the new one");
        Assert.Equal(CommitOutcome.Committed, next.Commit(null, []));

        Assert.Equal(CommitOutcome.Fenced, old.Commit(null, []));
        Append(next, topic, 0, "again");
        Assert.Equal(CommitOutcome.Committed, next.Commit(null, []));
        Assert.Equal(["of the new one", "again"], ReadToEnd(NewReaderAt(topic, 0), 0).Records.Select(record => record.Value));
    }

    [Fact]
    public async Task A_fenced_writer_learns_it_from_positions_alone()
    {
        var input = await NewTopicAsync();
        var (reader, handler) = NewMember(NewName("group"), input);
        Until("the partition", () => Poll(reader, handler, 1));
        var id = NewName("writer");
        using var old = NewWriter(id);
        using var next = NewWriter(id);

        Assert.Equal(CommitOutcome.Fenced, old.Commit(reader, [new(input, 0, 0, "")]));

        Assert.False(reader.Committed([new(input, 0)])[0].Exists);
    }

    [Fact]
    public async Task A_writer_that_ends_takes_its_open_transaction_along()
    {
        var topic = await NewTopicAsync();
        var id = NewName("writer");
        var gone = Log.OpenWriter(id);
        Append(gone, topic, 0, "never committed");
        gone.Dispose();

        using var next = NewWriter(id);
        Append(next, topic, 0, "committed");
        Assert.Equal(CommitOutcome.Committed, next.Commit(null, []));

        Assert.Equal(["committed"], ReadToEnd(NewReaderAt(topic, 0), 0).Records.Select(record => record.Value));
    }

    private protected static bool Poll(ILogReader reader, RecordingHandler handler, int partitions)
    {
        PollOnce(reader);
        return handler.Owned.Count == partitions;
    }
}
