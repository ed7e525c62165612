using CohortPipeline.Contracts;
using CohortPipeline.Log;
using Xunit;

namespace CohortPipeline.Tests.Integration.Compliance;

public abstract partial class LogComplianceTests
{
    [Fact]
    public async Task Reads_on_from_the_offset_it_was_assigned()
    {
        var topic = await NewTopicAsync();
        Publish(topic, 0, "a", "b", "c", "d");
        var reader = NewReader();
        reader.Assign([new(topic, 0, 2)]);

        Assert.Equal([("c", 2L), ("d", 3L)], Read(reader, 2).Select(record => (record.Value, record.Offset)));
    }

    [Fact]
    public async Task After_a_seek_nothing_fetched_before_is_seen()
    {
        const int count = 5000;
        var topic = await NewTopicAsync(2);
        for (var partition = 0; partition < 2; partition++)
            Publish(topic, partition, [.. Enumerable.Range(0, count).Select(number => $"{number}")]);
        var reader = NewReaderAt(topic, 0, 1);
        Read(reader, 600, recordsMax: 100);

        foreach (var start in (long[])[4000, 17, 2500, 0])
        {
            reader.Seek([new(topic, 0, start), new(topic, 1, start + 1)]);
            var next = new Dictionary<int, long> { [0] = start, [1] = start + 1 };
            foreach (var record in Read(reader, 300, recordsMax: 100))
                Assert.Equal(next[record.Partition]++, record.Offset);
        }
    }

    [Fact]
    public async Task Seeks_one_partition_and_leaves_the_others_where_they_are()
    {
        var topic = await NewTopicAsync(2);
        Publish(topic, 0, "a0", "a1");
        Publish(topic, 1, "b0", "b1");
        var reader = NewReaderAt(topic, 0, 1);
        ReadToEnd(reader, 0, 1);

        reader.Seek([new(topic, 0, 1)]);
        Publish(topic, 1, "b2");

        Assert.Equal(["a1", "b2"], ReadValues(reader, 2).Order());
    }

    [Fact]
    public async Task A_seek_in_a_partition_that_is_not_assigned_is_an_error()
    {
        var topic = await NewTopicAsync(2);
        var reader = NewReaderAt(topic, 0);
        Assert.ThrowsAny<Exception>(() => reader.Seek([new(topic, 1, 0)]));
    }

    [Fact]
    public async Task A_paused_partition_stands_still_until_it_is_resumed()
    {
        var topic = await NewTopicAsync(2);
        Publish(topic, 0, "a0", "a1");
        Publish(topic, 1, "b0", "b1");
        var reader = NewReaderAt(topic, 0, 1);
        reader.Pause([new(topic, 0)]);

        Assert.All(ReadToEnd(reader, 1).Records, record => Assert.Equal(1, record.Partition));
        Publish(topic, 1, "b2");
        Assert.Equal(["b2"], ReadValues(reader, 1));

        reader.Resume([new(topic, 0)]);
        Assert.Equal(["a0", "a1"], ReadValues(reader, 2));
    }

    [Fact]
    public async Task Seeks_a_paused_partition()
    {
        var topic = await NewTopicAsync();
        Publish(topic, 0, "a", "b", "c");
        var reader = NewReaderAt(topic, 0);
        Read(reader, 3);
        reader.Pause([new(topic, 0)]);
        reader.Seek([new(topic, 0, 1)]);
        Assert.Empty(PollOnce(reader).Records);

        reader.Resume([new(topic, 0)]);

        Assert.Equal(["b", "c"], ReadValues(reader, 2));
    }

    [Fact]
    public async Task Knows_first_and_end_offsets()
    {
        var topic = await NewTopicAsync();
        var partition = new TopicPartition(topic, 0);
        var reader = NewReader();
        Assert.Equal((0, 0, 0), (reader.FirstOffset(partition), reader.EndOffset(partition, Isolation.Committed), reader.EndOffset(partition, Isolation.Uncommitted)));

        Publish(topic, 0, "a", "b");
        var end = SettledEnd(reader, partition);
        Assert.Equal(0, reader.FirstOffset(partition));
        Assert.InRange(end, 2, 3);
        Assert.Equal([end], await Log.Admin.EndOffsetsAsync(topic, Isolation.Committed, Cancellation));
    }

    [Fact]
    public async Task An_open_transaction_holds_the_committed_end_back()
    {
        var topic = await NewTopicAsync();
        var partition = new TopicPartition(topic, 0);
        Publish(topic, 0, "a");
        var reader = NewReader();
        var end = SettledEnd(reader, partition);
        using var writer = NewWriter();
        AppendAhead(writer, partition, "k", "pending");

        Assert.Equal(end, reader.EndOffset(partition, Isolation.Committed));
        Assert.True(reader.EndOffset(partition, Isolation.Uncommitted) >= end);
        Assert.Equal([end], await Log.Admin.EndOffsetsAsync(topic, Isolation.Committed, Cancellation));

        Assert.Equal(CommitOutcome.Committed, writer.Commit(null, []));
        Assert.True(SettledEnd(reader, partition) > end);
    }

    [Fact]
    public async Task Signals_the_end_of_an_empty_partition()
    {
        var topic = await NewTopicAsync();
        var (records, ends) = ReadToEnd(NewReaderAt(topic, 0), 0);
        Assert.Empty(records);
        Assert.Equal(0, ends[0]);
    }

    [Fact]
    public async Task Signals_each_new_end_once_after_its_records()
    {
        var topic = await NewTopicAsync();
        var reader = NewReaderAt(topic, 0);
        ReadToEnd(reader, 0);
        Assert.Empty(PollOnce(reader).Signals);

        Publish(topic, 0, "a", "b");
        var (records, ends) = ReadToEnd(reader, 0);

        Assert.Equal(["a", "b"], records.Select(record => record.Value));
        Assert.Equal(reader.EndOffset(new(topic, 0), Isolation.Committed), ends[0]);
        Assert.Empty(PollOnce(reader).Signals);
    }

    [Fact]
    public async Task Reads_a_compacted_topic_to_its_end_past_an_aborted_tail()
    {
        var topic = await NewTopicAsync(cleanup: TopicCleanup.Compact);
        using var writer = NewWriter();
        var output = writer.Topic(topic);
        foreach (var (key, value) in (ReadOnlySpan<(string, string?)>)[("a", "1"), ("b", "1"), ("a", "2"), ("b", null), ("c", "1")])
            writer.Append(output, 0, Utf8(key), value is null ? Bytes.Null : Utf8(value));
        Assert.Equal(CommitOutcome.Committed, writer.Commit(null, []));
        AppendAhead(writer, new(topic, 0), "c", "given up");
        Assert.Equal(CommitOutcome.Aborted, writer.Abort());

        var reader = NewReader();
        var end = SettledEnd(reader, new(topic, 0)); // an abort, too, is answered before its markers are written
        reader.Assign([new(topic, 0, 0)]);
        var (records, ends) = ReadToEnd(reader, 0);

        Assert.Equal(end, ends[0]);
        var table = new Dictionary<string, string?>();
        foreach (var record in records)
            table[record.Key!] = record.Value;
        Assert.Equal(new() { ["a"] = "2", ["b"] = null, ["c"] = "1" }, table);
    }

    [Fact]
    public async Task Says_that_an_offset_is_gone()
    {
        var topic = await NewTopicAsync();
        Publish(topic, 0, "a");
        var reader = NewReader();
        reader.Assign([new(topic, 0, 1000)]);
        var signals = new List<PartitionSignal>();
        Until("a signal", () =>
        {
            var polled = PollOnce(reader);
            Assert.Empty(polled.Records);
            signals.AddRange(polled.Signals);
            return signals.Count > 0;
        });

        Assert.Equal((PartitionSignalKind.OffsetGone, topic, 0), (signals[0].Kind, signals[0].Topic, signals[0].Partition));
        reader.Seek([new(topic, 0, reader.FirstOffset(new(topic, 0)))]);
        Assert.Equal(["a"], ReadValues(reader, 1));
    }

    [Fact]
    public async Task A_poll_with_nothing_to_read_comes_back_empty()
    {
        var topic = await NewTopicAsync();
        var reader = NewReaderAt(topic, 0);
        ReadToEnd(reader, 0);

        var polled = PollOnce(reader);

        Assert.Empty(polled.Records);
        Assert.Empty(polled.Signals);
    }

    [Fact]
    public async Task A_new_assignment_replaces_the_old_one()
    {
        var topic = await NewTopicAsync(2);
        Publish(topic, 0, "a0", "a1");
        Publish(topic, 1, "b0");
        var reader = NewReaderAt(topic, 0);
        Read(reader, 1, recordsMax: 1);

        reader.Assign([new(topic, 1, 0)]);

        Assert.Equal(["b0"], ReadToEnd(reader, 1).Records.Select(record => record.Value));
    }

    [Fact]
    public async Task Everything_committed_is_there_after_reopening()
    {
        var (input, output) = (await NewTopicAsync(2), await NewTopicAsync());
        Publish(input, 1, "a", "b");
        var group = NewName("group");
        var (reader, handler) = NewMember(group, input);
        Until("both partitions", () => Poll(reader, handler, 2));
        using (var writer = NewWriter())
        {
            writer.Append(writer.Topic(output), 0, Utf8("k"), Utf8("v"), new RecordHeaders().Add("h", "x"));
            Assert.Equal(CommitOutcome.Committed, writer.Commit(reader, [new(input, 1, 2, "done")]));
            Append(writer, output, 0, "never committed");
        }

        reader.Leave();
        await ReopenAsync();

        Assert.Equal(2, (await Log.Admin.DescribeAsync(input, Cancellation))!.PartitionCount);
        Assert.Equal(new(input, 1, 2, "done"), (await Log.Admin.CommittedAsync(group, input, Cancellation))[1]);
        var record = Assert.Single(ReadToEnd(NewReaderAt(output, 0), 0).Records);
        Assert.Equal(("k", "v"), (record.Key, record.Value));
        Assert.Equal([("h", "x")], record.Headers);
        Publish(output, 0, "after");
        Assert.Equal(["v", "after"], ReadValues(NewReaderAt(output, 0), 2));
    }
}
