using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.Log.Embedded;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace CohortPipeline.Tests.Integration.Embedded;

/// <summary>Bounds of the log's file: a full disk, records that go by age, compaction.</summary>
public sealed class EmbeddedLogFileTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_full_disk_is_said_and_nothing_committed_is_lost()
    {
        const int commitsMax = 1000;
        using var folder = new LogFolder();
        var committed = 0;
        await using (var log = folder.Open(new() { FileBytesMax = 4 * 1024 * 1024 }))
        {
            await LogFolder.CreateAsync(log, new("topic", 2, TopicCleanup.Delete));
            using var writer = log.OpenWriter("writer");
            var error = Assert.Throws<LogUnavailableException>(() =>
            {
                for (; committed < commitsMax; committed++)
                    Assert.Equal(CommitOutcome.Committed, CommitBoth(writer, committed));
            });

            Assert.Contains("Make room", error.Message, StringComparison.Ordinal);
            Assert.InRange(committed, 1, commitsMax - 1);
            Assert.False(writer.InTransaction);
            AssertCommits(log, committed);
            Assert.Equal(CommitOutcome.Aborted, writer.Abort());
        }

        await using (var log = folder.Open())
        {
            AssertCommits(log, committed);
            using var writer = log.OpenWriter("writer");
            Assert.Equal(CommitOutcome.Committed, CommitBoth(writer, committed));
            AssertCommits(log, committed + 1);
        }
    }

    [Fact]
    public async Task A_disk_that_is_full_from_the_start_is_said()
    {
        using var folder = new LogFolder();
        await using var log = folder.Open(new() { FileBytesMax = 1024 * 1024 });
        await LogFolder.CreateAsync(log, new("topic", 1, TopicCleanup.Delete));

        var error = Assert.Throws<LogUnavailableException>(() => LogFolder.Commit(log, "topic", 0, (null, new string('x', 1_500_000))));

        Assert.Contains("Make room", error.Message, StringComparison.Ordinal);
        // A smaller commit still has room: the log goes on as soon as there is some.
        LogFolder.Commit(log, "topic", 0, (null, "small"));
        Assert.Equal([(0, null, "small")], LogFolder.Read(log, "topic", 0));
    }

    [Fact]
    public async Task Records_past_their_retention_are_gone_after_opening()
    {
        using var folder = new LogFolder();
        var time = new FakeTimeProvider(Noon);
        await using (var log = folder.Open(time: time))
        {
            await LogFolder.CreateAsync(log, new("topic", 1, TopicCleanup.Delete, TimeSpan.FromDays(7)));
            await LogFolder.CreateAsync(log, new("kept", 1, TopicCleanup.Delete));
            LogFolder.Commit(log, "topic", 0, (null, "old 1"), (null, "old 2"));
            LogFolder.Commit(log, "kept", 0, (null, "old"));
            time.Advance(TimeSpan.FromDays(5));
            LogFolder.Commit(log, "topic", 0, (null, "new"));
        }

        time.Advance(TimeSpan.FromDays(3));
        await using (var log = folder.Open(time: time))
        {
            Assert.Equal([(2, null, "new")], LogFolder.Read(log, "topic", 0));
            Assert.Equal([(0, null, "old")], LogFolder.Read(log, "kept", 0));
            using var reader = log.OpenReader(new("late"));
            reader.Assign([new("topic", 0, 1)]);
            Assert.Equal([new(PartitionSignalKind.OffsetGone, "topic", 0, 1)], reader.Poll(10, TimeSpan.Zero).Signals.ToArray());
            Assert.Equal(2, reader.FirstOffset(new("topic", 0)));
        }

        time.Advance(TimeSpan.FromDays(30));
        await using (var log = folder.Open(time: time))
        {
            Assert.Empty(LogFolder.Read(log, "topic", 0));
            LogFolder.Commit(log, "topic", 0, (null, "offsets go on"));
            Assert.Equal([(3, null, "offsets go on")], LogFolder.Read(log, "topic", 0));
        }
    }

    [Fact]
    public async Task Compaction_keeps_the_newest_of_each_key_at_its_offset()
    {
        using var folder = new LogFolder();
        var time = new FakeTimeProvider(Noon);
        await using (var log = folder.Open(time: time))
        {
            await LogFolder.CreateAsync(log, new("table", 1, TopicCleanup.Compact));
            LogFolder.Commit(log, "table", 0, ("a", "1"), ("b", "1"), (null, "no key"));
            LogFolder.Commit(log, "table", 0, ("filler", new string('x', 2 * 1024 * 1024 - 100)));
            for (var number = 0; number < 5; number++)
                LogFolder.Commit(log, "table", 0, ("filler", new string('y', 2 * 1024 * 1024 - 100)), ("a", $"{number + 2}"));
            LogFolder.Commit(log, "table", 0, ("b", null), ("filler", "z"), ("", "empty key"));
        }

        time.Advance(TimeSpan.FromSeconds(1));
        await using (var log = folder.Open(time: time))
        {
            Assert.Equal(
                [(2, null, "no key"), (13, "a", "6"), (14, "b", null), (15, "filler", "z"), (16, "", "empty key")],
                LogFolder.Read(log, "table", 0));
            using var reader = log.OpenReader(new("middle"));
            reader.Assign([new("table", 0, 4)]);
            Assert.Equal(13, reader.Poll(10, TimeSpan.Zero).Records[0].Offset);
            LogFolder.Commit(log, "table", 0, ("a", "7"));
            Assert.Equal((17, "a", "7"), LogFolder.Read(log, "table", 0)[^1]);
        }
    }

    [Fact]
    public async Task Compaction_leaves_records_alone_that_are_younger_than_the_lag()
    {
        using var folder = new LogFolder();
        var time = new FakeTimeProvider(Noon);
        await using (var log = folder.Open(time: time))
        {
            await LogFolder.CreateAsync(log, new("table", 1, TopicCleanup.Compact, MinCompactionLag: TimeSpan.FromDays(7)));
            for (var number = 0; number < 5; number++)
                LogFolder.Commit(log, "table", 0, ("filler", new string('y', 2 * 1024 * 1024 - 100)), ("a", $"{number}"));
            time.Advance(TimeSpan.FromDays(6));
            LogFolder.Commit(log, "table", 0, ("a", "young 1"), ("a", "young 2"));
        }

        time.Advance(TimeSpan.FromDays(2));
        await using (var log = folder.Open(time: time))
        {
            Assert.Equal(
                [(8, "filler"), (9, "a"), (10, "a"), (11, "a")],
                LogFolder.Read(log, "table", 0).Select(record => (record.Offset, record.Key)));
        }
    }

    private static CommitOutcome CommitBoth(ILogWriter writer, int number)
    {
        var output = writer.Topic("topic");
        for (var partition = 0; partition < 2; partition++)
            writer.Append(output, partition, Bytes.Null, System.Text.Encoding.UTF8.GetBytes($"{number}".PadRight(50_000)));
        return writer.Commit(null, []);
    }

    private static void AssertCommits(EmbeddedLog log, int count)
    {
        for (var partition = 0; partition < 2; partition++)
            Assert.Equal(Enumerable.Range(0, count).Select(number => $"{number}"), LogFolder.Read(log, "topic", partition).Select(record => record.Value!.TrimEnd()));
    }
}
