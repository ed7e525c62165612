using System.Diagnostics;
using System.Globalization;
using CohortPipeline.Log;

namespace CohortPipeline.Tests.Integration.Kafka;

/// <summary>
/// The smallest program that copies a topic exactly once through the log contract: outputs and positions in one
/// transaction, rewinds after an abort, an unknown outcome decided by a new writer and the committed positions.
/// </summary>
internal sealed class Copier : IPositionedHandler, IDisposable
{
    private static readonly TimeSpan PollTimeout = TimeSpan.FromMilliseconds(50);

    /// <summary>How long the log may leave a question unanswered before the copy gives up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly ILog _log;
    private readonly string _transactionalId;
    private readonly string _output;
    private readonly Dictionary<TopicPartition, long> _next = [];
    private readonly Dictionary<TopicPartition, long> _committed = [];
    private ILogWriter _writer;
    private bool _isRewindDue;
    private int _commits;

    public Copier(ILog log, string input, string output, string group, string transactionalId, string? instanceId = null)
    {
        _log = log;
        _transactionalId = transactionalId;
        _output = output;
        _writer = log.OpenWriter(transactionalId);
        Reader = log.OpenReader(new(group, instanceId));
        Reader.Subscribe([input], this);
    }

    public ILogReader Reader { get; }

    public IReadOnlyCollection<TopicPartition> Owned => _next.Keys;

    public List<CommitOutcome> Outcomes { get; } = [];

    public int UnavailablePolls { get; private set; }

    public int Revocations { get; private set; }

    public bool IsDone(int partitions, long end) => _committed.Count == partitions && _committed.Values.All(offset => offset >= end);

    /// <summary>Polls, copies and commits once.</summary>
    public void Turn(int recordsMax)
    {
        RecordBatch batch;
        try
        {
            batch = Reader.Poll(recordsMax, PollTimeout);
        }
        catch (LogUnavailableException)
        {
            UnavailablePolls++;
            return;
        }

        if (_isRewindDue)
        {
            Rewind();
            return;
        }

        if (batch.Records.Length == 0)
            return;
        var output = _writer.Topic(_output);
        foreach (ref readonly var record in batch.Records)
        {
            var partition = new TopicPartition(record.Topic, record.Partition);
            if (record.Offset < _next[partition])
                throw new InvalidOperationException($"{partition}: {record.Offset} was read again after {_next[partition]}");
            _writer.Append(output, record.Partition, Bytes.Null, record.Value);
            _next[partition] = record.Offset + 1;
        }

        Commit();
        if (_isRewindDue)
            Rewind();
    }

    public long[] Assigned(IReadOnlyList<CommittedPosition> partitions)
    {
        foreach (var partition in partitions)
            _next[partition.TopicPartition] = _committed[partition.TopicPartition] = Math.Max(0, partition.Offset);
        return [.. partitions.Select(partition => Math.Max(0, partition.Offset))];
    }

    public void Revoked(IReadOnlyList<TopicPartition> partitions)
    {
        Revocations++;
        Remove(partitions);
    }

    public void Lost(IReadOnlyList<TopicPartition> partitions) => Remove(partitions);

    public void Dispose()
    {
        Reader.Dispose();
        _writer.Dispose();
    }

    private void Commit()
    {
        var text = (++_commits).ToString(CultureInfo.InvariantCulture);
        var positions = _next.Select(next => new CommittedPosition(next.Key.Topic, next.Key.Partition, next.Value, text)).ToArray();
        var outcome = _writer.Commit(Reader, positions);
        Outcomes.Add(outcome);
        if (outcome == CommitOutcome.Fenced)
            throw new FencedException($"{_transactionalId} is fenced");
        if (outcome == CommitOutcome.Unknown)
        {
            OpenWriter();
            if (Ask().SequenceEqual(positions))
                outcome = CommitOutcome.Committed;
        }

        if (outcome == CommitOutcome.Committed)
        {
            foreach (var position in positions)
                _committed[position.TopicPartition] = position.Offset;
        }
        else
        {
            _isRewindDue = true;
        }
    }

    private CommittedPosition[] Ask() => Answered(() => Reader.Committed([.. _next.Keys]));

    private void OpenWriter()
    {
        _writer.Dispose();
        _writer = Answered(() => _log.OpenWriter(_transactionalId));
    }

    private T Answered<T>(Func<T> question)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return question();
            }
            catch (LogUnavailableException) when (Stopwatch.GetElapsedTime(started) < Patience)
            {
                UnavailablePolls++;
            }
        }
    }

    private void Rewind()
    {
        _isRewindDue = false;
        foreach (var partition in _next.Keys)
            _next[partition] = _committed[partition];
        Reader.Seek([.. _next.Select(next => new PartitionPosition(next.Key.Topic, next.Key.Partition, next.Value))]);
    }

    private void Remove(IReadOnlyList<TopicPartition> partitions)
    {
        foreach (var partition in partitions)
        {
            _next.Remove(partition);
            _committed.Remove(partition);
        }
    }
}
