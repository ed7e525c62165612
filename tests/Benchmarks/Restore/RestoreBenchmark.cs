using System.Buffers.Binary;
using System.Globalization;
using CohortPipeline.Benchmarks.Lanes;
using CohortPipeline.Contracts;
using CohortPipeline.Evaluator;
using CohortPipeline.Hosting;
using CohortPipeline.Lanes;
using CohortPipeline.Log;
using CohortPipeline.Rules.Profiles;
using Microsoft.Extensions.Logging.Abstractions;

namespace CohortPipeline.Benchmarks.Restore;

/// <summary>How fast a partition's profiles come back from the changelog: what a lane's thread is spared, and a user waits for.</summary>
public sealed class RestoreBenchmark : IBenchmark
{
    private const int Profiles = 1_000_000;
    private const int ProfileBytes = 200;
    private const int PerCommit = 10_000;
    private const int Rounds = 5;

    private static readonly PipelineOptions Pipeline = new() { Prefix = $"bench-{Guid.NewGuid():N}", Partitions = 1, Clock = ClockKind.Record };
    private static readonly PipelineTopics Topics = Pipeline.Topics();

    private readonly List<BenchmarkRow> _rows = [];
    private readonly List<string> _notes = [];

    public string Name => "restore";

    public string Title => "A partition's restore";

    public string Workload =>
        $"""
        `evaluator-changelog` holds {Profiles:N0} profiles of {ProfileBytes} B (key and value together) in one partition, each once, in commits of {PerCommit:N0}; one in two has a timer. A restore reads
        them into a new store with its own reader, in the steps that a restore's thread takes, and builds the timers. {Rounds} rounds after one that does not count; the
        time is from opening the reader to the whole state. The processor time is this process's, a broker's is not in it.
        """;

    public BenchmarkReport Run()
    {
        BenchmarkLogs.OnEach(MeasureOn, _notes);
        return new(_rows) { Notes = _notes, Summary = string.Create(CultureInfo.InvariantCulture, $"{_rows[^1].PerSecond:N0} profiles/s") };
    }

    private void MeasureOn(string logName, ILog log)
    {
        BenchmarkLogs.Create(log, Topics.EvaluatorChangelog);
        Fill(log);
        var rounds = new List<Measurement>();
        for (var round = 0; round <= Rounds; round++)
        {
            var measured = Measurement.Of(Profiles, () => Restore(log));
            if (round > 0)
                rounds.Add(measured);
        }

        _rows.Add(new($"restore, {logName}", Baseline: null, rounds));
    }

    private static void Restore(ILog log)
    {
        IStateRestore restore = new EvaluatorProcessor(Pipeline, new(), TimeProvider.System, NullLogger.Instance).Restore(new(Topics.Activity.Name, 0));
        using var reader = log.OpenReader(new(EvaluatorProcessor.GroupOf(Topics)) { ReadsToEnd = true });
        while (!restore.Read(reader))
        {
            // The next step.
        }

        while (!restore.Complete())
        {
            // The next slice of timers.
        }
    }

    private static void Fill(ILog log)
    {
        using var writer = log.OpenWriter($"{Pipeline.Prefix}-fill");
        var topic = writer.Topic(Topics.EvaluatorChangelog.Name);
        Span<byte> key = "u:user-00000000"u8.ToArray();
        Span<byte> value = new byte[ProfileBytes - key.Length];
        value[0] = ProfileCodec.Format; // of the rest a restore reads the timer alone
        for (var profile = 0; profile < Profiles; profile++)
        {
            profile.TryFormat(key[^8..], out _, "D8", CultureInfo.InvariantCulture);
            BinaryPrimitives.WriteInt64LittleEndian(value[1..], profile % 2 == 0 ? long.MaxValue : 1_772_359_200_000 + profile);
            writer.Append(topic, 0, Bytes.From(key), Bytes.From(value));
            if ((profile + 1) % PerCommit == 0 && writer.Commit(null, []) != CommitOutcome.Committed)
                throw new InvalidOperationException("filling the changelog was aborted");
        }
    }
}
