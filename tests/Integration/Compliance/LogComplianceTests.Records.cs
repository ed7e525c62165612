using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Log;
using Xunit;

namespace CohortPipeline.Tests.Integration.Compliance;

public abstract partial class LogComplianceTests
{
    [Fact]
    public async Task Describes_topics_as_they_were_created()
    {
        var name = NewName("topic");
        Assert.Null(await Log.Admin.DescribeAsync(name, Cancellation));

        await Log.Admin.CreateAsync(new(name, 3, TopicCleanup.Delete, TimeSpan.FromDays(7)), Cancellation);
        var compacted = await NewTopicAsync(2, TopicCleanup.Compact);

        Assert.Equal(new(name, 3, TopicCleanup.Delete, TimeSpan.FromDays(7)), await Log.Admin.DescribeAsync(name, Cancellation));
        Assert.Equal(new(compacted, 2, TopicCleanup.Compact, null), await Log.Admin.DescribeAsync(compacted, Cancellation));
    }

    [Fact]
    public async Task Leaves_a_topic_that_exists_as_it_is()
    {
        var name = await NewTopicAsync(3);
        Publish(name, 2, "kept");

        await Log.Admin.CreateAsync(new(name, 5, TopicCleanup.Compact), Cancellation);

        Assert.Equal(new(name, 3, TopicCleanup.Delete, null), await Log.Admin.DescribeAsync(name, Cancellation));
        Assert.Equal(["kept"], ReadValues(NewReaderAt(name, 2), 1));
    }

    [Fact]
    public void Refuses_a_topic_that_does_not_exist()
    {
        var missing = NewName("missing");
        Assert.Throws<LogException>(() => NewWriter().Topic(missing));
        var reader = NewReader();
        Assert.Throws<LogException>(() => reader.Subscribe([missing], new RecordingHandler(reader)));
    }

    [Fact]
    public async Task A_record_keeps_a_timestamp_of_its_own_and_its_place_among_the_others()
    {
        var topic = await NewTopicAsync();
        using var writer = NewWriter();
        var output = writer.Topic(topic);
        writer.Append(output, 0, Utf8("k"), Utf8("1"));
        writer.Append(output, 0, Utf8("k"), Utf8("2"), new RecordHeaders { Timestamp = 1_569_888_000_123 });
        writer.Append(output, 0, Utf8("k"), Utf8("3"), new RecordHeaders { Timestamp = 1_569_888_000_001 }.Add("h", "v"));
        writer.Append(output, 0, Utf8("k"), Utf8("4"));
        Assert.Equal(CommitOutcome.Committed, writer.Commit(null, []));

        var records = Read(NewReaderAt(topic, 0), 4);
        Assert.Equal(["1", "2", "3", "4"], records.Select(record => record.Value));
        Assert.Equal([1_569_888_000_123, 1_569_888_000_001], records.Skip(1).Take(2).Select(record => record.Timestamp));
        Assert.True(records[3].Timestamp > 1_700_000_000_000);
        Assert.Equal([("h", "v")], records[2].Headers);
        Assert.Empty(records[1].Headers);
    }

    [Fact]
    public async Task A_record_may_have_any_number_of_headers()
    {
        var topic = await NewTopicAsync();
        using var writer = NewWriter();
        var headers = new RecordHeaders();
        for (var number = 0; number < 300; number++)
            headers.Add("h", $"{number}");
        writer.Append(writer.Topic(topic), 0, Bytes.Null, Utf8("v"), headers);
        Assert.Equal(CommitOutcome.Committed, writer.Commit(null, []));
        Assert.Equal(300, Read(NewReaderAt(topic, 0), 1)[0].Headers.Count);
    }

    [Fact]
    public async Task Reads_back_key_value_headers_and_time_of_writing()
    {
        var topic = await NewTopicAsync();
        using var writer = NewWriter();
        writer.Append(writer.Topic(topic), 0, Utf8("key"), Utf8("значение"), new RecordHeaders().Add("traceparent", "00-a-b-01").Add("empty", "").AddNull("none"));
        writer.Append(writer.Topic(topic), 0, Utf8("key 2"), Utf8("value 2"));
        writer.Commit(null, []);

        var records = Read(NewReaderAt(topic, 0), 2);

        Assert.Equal(("key", "значение"), (records[0].Key, records[0].Value));
        Assert.Equal([("traceparent", "00-a-b-01"), ("empty", ""), ("none", null)], records[0].Headers);
        Assert.Equal(("key 2", "value 2"), (records[1].Key, records[1].Value));
        Assert.Empty(records[1].Headers);
        Assert.All(records, record => Assert.Equal((topic, 0), (record.Topic, record.Partition)));
        Assert.All(records, record => Assert.InRange(record.Timestamp, 1, long.MaxValue));
        Assert.True(records[0].Offset < records[1].Offset);
    }

    [Fact]
    public async Task Keeps_a_timestamp_that_a_record_was_given()
    {
        var topic = await NewTopicAsync();
        using var writer = NewWriter();
        var output = writer.Topic(topic);
        writer.Append(output, 0, Bytes.Null, Utf8("of its own"), new RecordHeaders { Timestamp = 1_569_888_000_123 });
        writer.Append(output, 0, Bytes.Null, Utf8("with headers"), new RecordHeaders { Timestamp = 1 }.Add("a", "1").Add("b", "2"));
        writer.Append(output, 0, Bytes.Null, Utf8("of the writing"));
        writer.Commit(null, []);

        var records = Read(NewReaderAt(topic, 0), 3);

        Assert.Equal([1_569_888_000_123, 1], records.Take(2).Select(record => record.Timestamp));
        Assert.Empty(records[0].Headers);
        Assert.Equal([("a", "1"), ("b", "2")], records[1].Headers);
        Assert.True(records[2].Timestamp > 1_569_888_000_123);
    }

    [Fact]
    public async Task Finds_the_last_header_of_a_name()
    {
        var topic = await NewTopicAsync();
        using var writer = NewWriter();
        writer.Append(writer.Topic(topic), 0, Bytes.Null, Utf8("v"), new RecordHeaders().Add("a", "old").Add("b", "other").Add("a", "new"));
        writer.Commit(null, []);

        var reader = NewReaderAt(topic, 0);
        var found = "";
        Until("the record", () =>
        {
            var batch = reader.Poll(10, PollTime);
            if (batch.Records.Length == 0)
                return false;
            Assert.True(batch.TryGetHeader(0, "a"u8, out var value));
            Assert.False(batch.TryGetHeader(0, "c"u8, out _));
            found = Encoding.UTF8.GetString(value);
            return true;
        });
        Assert.Equal("new", found);
    }

    [Fact]
    public async Task Tells_absent_from_empty_keys_and_values()
    {
        var topic = await NewTopicAsync();
        using var writer = NewWriter();
        var output = writer.Topic(topic);
        foreach (var headers in (RecordHeaders?[])[null, new RecordHeaders().Add("h", "v")])
        {
            writer.Append(output, 0, Bytes.Null, Bytes.Null, headers);
            writer.Append(output, 0, Utf8(""), Utf8(""), headers);
            writer.Append(output, 0, Bytes.Null, Utf8(""), headers);
            writer.Append(output, 0, Utf8(""), Bytes.Null, headers);
            writer.Append(output, 0, Utf8("k"), Bytes.Null, headers);
        }

        writer.Commit(null, []);

        (string?, string?)[] expected = [(null, null), ("", ""), (null, ""), ("", null), ("k", null)];
        Assert.Equal([.. expected, .. expected], Read(NewReaderAt(topic, 0), 10).Select(record => (record.Key, record.Value)));
    }

    [Fact]
    public async Task Records_with_headers_keep_their_place_among_those_without()
    {
        const int count = 500;
        var topic = await NewTopicAsync(2);
        using var writer = NewWriter();
        var output = writer.Topic(topic);
        for (var number = 0; number < count; number++)
        {
            var headers = number % 7 < 2 ? new RecordHeaders().Add("n", $"{number}") : null;
            writer.Append(output, number % 2, Bytes.Null, Utf8($"{number}"), headers);
        }

        writer.Commit(null, []);

        foreach (var partition in (int[])[0, 1])
        {
            var values = ReadValues(NewReaderAt(topic, partition), count / 2);
            Assert.Equal(Enumerable.Range(0, count).Where(number => number % 2 == partition).Select(number => $"{number}"), values);
        }
    }

    [Fact]
    public async Task Puts_records_into_the_partition_that_is_named()
    {
        var topic = await NewTopicAsync(4);
        using var writer = NewWriter();
        var output = writer.Topic(topic);
        Assert.Equal(4, output.PartitionCount);
        Assert.Equal(Partitioner.PartitionOf("user-1"u8, 4), output.PartitionOf("user-1"u8));
        for (var partition = 0; partition < 4; partition++)
            writer.Append(output, partition, Utf8("the same key"), Utf8($"in {partition}"));
        writer.Commit(null, []);

        var records = Read(NewReaderAt(topic, 0, 1, 2, 3), 4);

        Assert.Equal(["in 0", "in 1", "in 2", "in 3"], records.OrderBy(record => record.Partition).Select(record => record.Value));
        Assert.ThrowsAny<ArgumentException>(() => writer.Append(output, 4, Bytes.Null, Utf8("nowhere")));
        Assert.ThrowsAny<ArgumentException>(() => writer.Append(output, -1, Bytes.Null, Utf8("nowhere")));
    }

    [Fact]
    public async Task Keeps_the_order_of_each_partition_over_many_commits_and_polls()
    {
        const int count = 6000;
        var topic = await NewTopicAsync(3);
        using var writer = NewWriter();
        var output = writer.Topic(topic);
        for (var number = 0; number < count; number++)
        {
            writer.Append(output, number % 3, Utf8($"{number % 10}"), Utf8($"{number}"));
            if (number % 1000 == 999)
                Assert.Equal(CommitOutcome.Committed, writer.Commit(null, []));
        }

        var records = Read(NewReaderAt(topic, 0, 1, 2), count, recordsMax: 170);

        foreach (var partition in records.GroupBy(record => record.Partition))
        {
            Assert.Equal(Enumerable.Range(0, count).Where(number => number % 3 == partition.Key).Select(number => $"{number}"), partition.Select(record => record.Value));
            Assert.Equal(partition.Select(record => record.Offset).Order(), partition.Select(record => record.Offset));
        }
    }

    [Fact]
    public async Task Carries_a_value_of_one_mebibyte()
    {
        var topic = await NewTopicAsync();
        var large = new string('x', 1024 * 1024);
        Publish(topic, 0, "before", large, "after");

        Assert.Equal(["before", large, "after"], ReadValues(NewReaderAt(topic, 0), 3));
    }

    [Fact]
    public async Task What_is_borrowed_stands_until_the_next_poll()
    {
        const int count = 2000;
        var topic = await NewTopicAsync();
        Publish(topic, 0, [.. Enumerable.Range(0, count).Select(number => $"record {number}")]);
        var reader = NewReaderAt(topic, 0);
        using var writer = NewWriter();
        var output = writer.Topic(topic);
        var seen = 0;
        Until("all records", () =>
        {
            var batch = reader.Poll(500, PollTime);
            // Memory is handed back and taken again on this side while the batch is in hand.
            for (var number = 0; number < 1000; number++)
                writer.Append(output, 0, Bytes.Null, Utf8($"noise {number}"));
            writer.Abort();
            foreach (ref readonly var record in batch.Records)
                Assert.Equal($"record {seen++}", Encoding.UTF8.GetString(record.Value));
            return seen == count;
        });
    }
}
