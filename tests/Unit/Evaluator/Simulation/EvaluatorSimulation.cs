using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Evaluator;
using CohortPipeline.Hosting;
using CohortPipeline.Lanes;
using CohortPipeline.Log;
using CohortPipeline.TestKit.Memory;
using CohortPipeline.TestKit.Oracle;
using CohortPipeline.TestKit.Proof;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace CohortPipeline.Tests.Unit.Evaluator.Simulation;

/// <summary>
/// The evaluator in its real lane, on one thread, on a log in memory: it is killed, rebalanced, has commits fail or end in
/// doubt, and is started again until everything is read and committed. Same seed, same run.
/// </summary>
internal sealed class EvaluatorSimulation
{
    private const int Partition = 0;
    private const int LivesMax = 1_000;
    private const int IdlePollsToEnd = 2;

    /// <summary>Steps of restores between two polls: none, so that revocations meet them anywhere, or some.</summary>
    private const int StepsMax = 4;

    private static readonly TimeSpan CommitInterval = TimeSpan.FromMilliseconds(100);

    private readonly OracleOptions _options;
    private readonly Random _random;
    private readonly MemoryLog _log;
    private readonly PipelineOptions _pipeline;
    private readonly PipelineTopics _topics;
    private readonly EvaluatorOptions _evaluator;
    private readonly FakeTimeProvider _time = new();
    private int _lives;

    private EvaluatorSimulation(OracleOptions options, int seed, int faultsPercent)
    {
        _options = options;
        _random = new(seed);
        _log = new(new(_random, faultsPercent));
        _pipeline = new()
        {
            Log = LogKind.Embedded,
            Partitions = 1,
            Clock = options.RecordClock ? ClockKind.Record : ClockKind.Wall,
            EventTopics = [.. options.SourceTopics],
            IdentifyTopics = [],
        };
        _topics = _pipeline.Topics();
        _evaluator = new() { Grace = TimeSpan.FromMilliseconds(options.Grace), TimerSlice = _random.Next(1, 4), CommitInterval = CommitInterval };
    }

    /// <summary>The first difference from what the oracle says; null: none.</summary>
    public static async Task<string?> DifferenceAsync(OracleOptions options, IReadOnlyList<OracleRecord> records, int seed, int faultsPercent)
    {
        var simulation = new EvaluatorSimulation(options, seed, faultsPercent);
        simulation.Fill(records);
        try
        {
            simulation.RunToEnd();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return exception.ToString();
        }

        return await simulation.CompareAsync(PartitionOracle.Run(Partition, options, records));
    }

    private void Fill(IReadOnlyList<OracleRecord> records)
    {
        foreach (var topic in _topics.All)
            _log.Create(topic);
        foreach (var record in records)
            _log.Put(_topics.Activity.Name, Partition, record.Offset, record.Key.Length == 0 ? null : Encoding.UTF8.GetBytes(record.Key), record.Value);
    }

    private void RunToEnd()
    {
        for (var life = 0; life < LivesMax; life++)
        {
            if (LiveOnce() && IsAllCommitted())
                return;
        }

        throw new InvalidOperationException($"not at the end after {LivesMax} lives");
    }

    /// <summary>One process, from its start to a clean end (true) or a kill.</summary>
    private bool LiveOnce()
    {
        using var stop = new CancellationTokenSource();
        var idle = 0;
        var restores = new SteppedRestores(_random);
        var life = new LaneLife(Number: 0, $"life-{_lives++}", _random, _time.Advance, restores);
        _log.WhenPolled = isIdle =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(_random.Next(0, 60)));
            idle = isIdle && restores.IsIdle ? idle + 1 : 0;
            for (var steps = _random.Next(StepsMax); steps > 0; steps--)
                restores.Step();
            if (idle == IdlePollsToEnd)
                stop.Cancel();
        };
        var lane = new LaneOptions
        {
            Group = EvaluatorProcessor.GroupOf(_topics),
            Topics = [_topics.Activity.Name],
            TransactionalId = _topics.Named("evaluator.0"),
            CommitInterval = CommitInterval,
        };
        try
        {
            new Lane(_log, lane, life, _ => new EvaluatorProcessor(_pipeline, _evaluator, _time, NullLogger.Instance), _time, NullLogger.Instance, stop.Token).Run();
            return true;
        }
        catch (SimulatedCrashException)
        {
            return false;
        }
    }

    private bool IsAllCommitted()
    {
        using var reader = _log.OpenReader(new(EvaluatorProcessor.GroupOf(_topics)));
        var activity = new TopicPartition(_topics.Activity.Name, Partition);
        return reader.Committed([activity])[0].Offset >= reader.EndOffset(activity, Isolation.Committed);
    }

    private async Task<string?> CompareAsync(OracleResult expected)
    {
        var deltas = await LogDump.TopicAsync(_log, _topics.MembershipDeltas.Name, CancellationToken.None);
        var rows = await LogDump.CompactedAsync(_log, _topics.Memberships.Name, CancellationToken.None);
        var refused = await LogDump.TopicAsync(_log, _topics.DeadLetters.Name, CancellationToken.None);
        return DeltaComparer.CompareDeltas(expected.Deltas, DeltaComparer.Read(deltas[Partition]))
            .Concat(DeltaComparer.CompareRows(expected, rows.Values.Select(row => OracleMembership.Read(row.Key, row.Value)).ToDictionary(row => (row.CohortId, row.ProfileKey))))
            .Concat(refused[Partition].Select(record => $"refused: {record.Header("dlq.detail")}"))
            .FirstOrDefault();
    }
}
