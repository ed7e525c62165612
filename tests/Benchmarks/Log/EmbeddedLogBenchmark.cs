using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.Log.Embedded;

namespace CohortPipeline.Benchmarks.Log;

/// <summary>How much of what SQLite can do is left once it is a log.</summary>
public sealed class EmbeddedLogBenchmark : IBenchmark
{
    private const int Records = 1_000_000;
    private const int PerCommit = 1_000;
    private const int RecordBytes = 200;
    private const int KeyBytes = 16;
    private const int Rounds = 5;
    private const string Topic = "records";
    private const string BareAppend = "append: bare SQLite, a row a batch";
    private const string BareClose = "append and close: bare SQLite, a row a batch";
    private const string BareRead = "read: bare SQLite, a row a batch";

    private static readonly string[] Baselines = [BareAppend, BareClose, BareRead];

    public string Name => "log";

    public string Title => "The embedded log against bare SQLite";

    public string Workload =>
        $"""
        One thread appends {Records:N0} records of {RecordBytes} B (key of {KeyBytes} B, value of {RecordBytes - KeyBytes} B, no headers) in commits of {PerCommit:N0}, then one thread
        reads them all and looks at each. The baseline does the same with ordinary ADO.NET and nothing else: no partitions, offsets, positions or check sums. Each of {Rounds} rounds
        runs every case once, on a new folder on the disk, after one round that does not count. With four partitions a commit writes four smaller batches. "From disk" opens the folder again with nothing
        kept in memory; "from memory" reads what was committed last, as a lane at the end of its partitions does. "Append" ends with the last commit,
        "append and close" with everything flushed to the disk: the embedded log does that beside the commits, so that some of it is left to do at the end.
        """;

    public BenchmarkReport Run()
    {
        var rounds = new Dictionary<string, List<Measurement>>();
        for (var round = 0; round <= Rounds; round++)
        {
            var before = round == 0 ? [] : rounds;
            MeasureBare(before);
            MeasureEmbedded(before, partitions: 1);
            MeasureEmbedded(before, partitions: 4);
        }

        return new([.. rounds.Select(measured => new BenchmarkRow(measured.Key, BaselineOf(measured.Key), measured.Value)).OrderBy(row => KindOf(row.Case), StringComparer.Ordinal)]);
    }

    private static string? BaselineOf(string what)
    {
        var baseline = Baselines.First(baseline => KindOf(baseline) == KindOf(what));
        return baseline == what ? null : baseline;
    }

    private static string KindOf(string what) => what[..what.IndexOf(':', StringComparison.Ordinal)];

    private static void MeasureBare(Dictionary<string, List<Measurement>> rounds)
    {
        var folder = Directory.CreateTempSubdirectory("bench-log-").FullName;
        var bare = new BareSqlite(folder);
        var append = Measurement.Of(Records, () => bare.Append(new byte[RecordBytes], Records, PerCommit));
        Note(rounds, BareAppend, append);
        Note(rounds, BareRead, Measurement.Of(Records, () => bare.Read()));
        Note(rounds, BareClose, append + Measurement.Of(Records, bare.Dispose));
        Directory.Delete(folder, recursive: true);
    }

    private static void MeasureEmbedded(Dictionary<string, List<Measurement>> rounds, int partitions)
    {
        var folder = Directory.CreateTempSubdirectory("bench-log-").FullName;
        var name = partitions == 1 ? "1 partition" : $"{partitions} partitions";
        var log = Open(folder, partitions, tailBytesMax: 2L * Records * RecordBytes);
        var append = Measurement.Of(Records, () => Append(log, partitions));
        Note(rounds, $"append: embedded log, {name}", append);
        Note(rounds, $"read: embedded log, {name}, from memory", Measurement.Of(Records, () => Read(log, partitions)));
        Note(rounds, $"append and close: embedded log, {name}", append + Measurement.Of(Records, () => Close(log)));

        log = Open(folder, partitions, tailBytesMax: 0);
        Note(rounds, $"read: embedded log, {name}, from disk", Measurement.Of(Records, () => Read(log, partitions)));
        Close(log);
        Directory.Delete(folder, recursive: true);
    }

    private static void Note(Dictionary<string, List<Measurement>> rounds, string what, Measurement measurement)
    {
        if (!rounds.TryGetValue(what, out var measured))
            rounds[what] = measured = [];
        measured.Add(measurement);
    }

    private static void Append(EmbeddedLog log, int partitions)
    {
        using var writer = log.OpenWriter("bench");
        var topic = writer.Topic(Topic);
        ReadOnlySpan<byte> key = new byte[KeyBytes];
        ReadOnlySpan<byte> value = new byte[RecordBytes - KeyBytes];
        for (var number = 0; number < Records;)
        {
            writer.Append(topic, number % partitions, key, value);
            if (++number % PerCommit == 0 && writer.Commit(null, []) != CommitOutcome.Committed)
                throw new InvalidOperationException("a commit of the only writer failed");
        }
    }

    private static void Read(EmbeddedLog log, int partitions)
    {
        using var reader = log.OpenReader(new("bench"));
        reader.Assign([.. Enumerable.Range(0, partitions).Select(partition => new PartitionPosition(Topic, partition, 0))]);
        var (count, sum) = (0, 0L);
        while (count < Records)
        {
            var batch = reader.Poll(PerCommit, TimeSpan.FromSeconds(1));
            foreach (ref readonly var record in batch.Records)
                sum += record.Key[0] + record.Value[0];
            count += batch.Records.Length;
        }

        if (sum != 0)
            throw new InvalidOperationException("records came back changed");
    }

    private static EmbeddedLog Open(string folder, int partitions, long tailBytesMax)
    {
        var log = EmbeddedLog.Open(folder, TimeProvider.System, new() { TailBytesMax = tailBytesMax });
        log.Admin.CreateAsync(new(Topic, partitions, TopicCleanup.Delete), CancellationToken.None).GetAwaiter().GetResult();
        return log;
    }

    private static void Close(EmbeddedLog log) => log.DisposeAsync().AsTask().GetAwaiter().GetResult();
}
