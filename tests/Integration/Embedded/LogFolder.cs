using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.Log.Embedded;
using Xunit;

namespace CohortPipeline.Tests.Integration.Embedded;

/// <summary>A folder with an embedded log for one test, and the few things that tests of its file do with it.</summary>
internal sealed class LogFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("embedded-log-").FullName;

    public string Database => System.IO.Path.Combine(Path, "log.db");

    public string WriteAheadLog => Database + "-wal";

    public EmbeddedLog Open(EmbeddedLogOptions? options = null, TimeProvider? time = null) => EmbeddedLog.Open(Path, time ?? TimeProvider.System, options);

    /// <summary>The files as a crash of the machine would leave them now.</summary>
    public LogFolder Snapshot()
    {
        var copy = new LogFolder();
        foreach (var file in (string[])[Database, WriteAheadLog])
        {
            if (File.Exists(file))
                File.Copy(file, System.IO.Path.Combine(copy.Path, System.IO.Path.GetFileName(file)));
        }

        return copy;
    }

    public static async Task CreateAsync(EmbeddedLog log, TopicSpec topic) => await log.Admin.CreateAsync(topic, TestContext.Current.CancellationToken);

    public static void Commit(EmbeddedLog log, string topic, int partition, params (string? Key, string? Value)[] records)
    {
        using var writer = log.OpenWriter("test");
        var output = writer.Topic(topic);
        foreach (var (key, value) in records)
            writer.Append(output, partition, BytesOf(key), BytesOf(value));
        Assert.Equal(CommitOutcome.Committed, writer.Commit(null, []));
    }

    /// <summary>Everything the partition holds.</summary>
    public static List<(long Offset, string? Key, string? Value)> Read(EmbeddedLog log, string topic, int partition)
    {
        using var reader = log.OpenReader(new("test"));
        var name = new TopicPartition(topic, partition);
        reader.Assign([new(topic, partition, reader.FirstOffset(name))]);
        var end = reader.EndOffset(name, Isolation.Committed);
        var records = new List<(long, string?, string?)>();
        for (var ended = false; !ended;)
        {
            var batch = reader.Poll(1000, TimeSpan.Zero);
            foreach (ref readonly var record in batch.Records)
                records.Add((record.Offset, record.HasKey ? Encoding.UTF8.GetString(record.Key) : null, record.IsTombstone ? null : Encoding.UTF8.GetString(record.Value)));
            foreach (var signal in batch.Signals)
                ended |= signal == new PartitionSignal(PartitionSignalKind.EndOfPartition, topic, partition, end);
        }

        return records;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private static byte[]? BytesOf(string? text) => text is null ? null : Encoding.UTF8.GetBytes(text);
}
