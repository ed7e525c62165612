using CohortPipeline.Log;

namespace CohortPipeline.Lanes;

/// <content>The lane's transactions: how one is committed, and what follows from each outcome.</content>
public sealed partial class Lane
{
    private void Commit()
    {
        var commits = PendingCommits();
        if (commits.Count == 0)
            return;
        CommitOutcome outcome;
        var commit = _telemetry.BeginCommit();
        try
        {
            _processor.Stage(commits, _output);
            outcome = _writer!.Commit(_reader, commits.ConvertAll(Position));
        }
        catch (LogUnavailableException exception)
        {
            _telemetry.EndCommit(commit, "unavailable");
            _wait.WritingFailed(exception);
            Abort();
            return;
        }

        _telemetry.EndCommit(commit, outcome == CommitOutcome.Committed ? null : outcome.ToString().ToLowerInvariant());

        switch (outcome)
        {
            case CommitOutcome.Committed:
                Promote(commits);
                break;
            case CommitOutcome.Aborted:
                LogEvents.Aborted(_logger, _transactionalId);
                LaneMetrics.Aborted.Add(1);
                Drop();
                break;
            case CommitOutcome.Unknown:
                LogEvents.Unknown(_logger, _transactionalId);
                Resolve(commits);
                break;
            case CommitOutcome.Fenced:
                throw Fenced();
        }
    }

    /// <summary>Every partition that has something in the transaction, and those whose position moved past markers: all that this lane owns and touched.</summary>
    private List<PartitionCommit> PendingCommits()
    {
        foreach (var touched in _output.Touched)
        {
            if (_owned.Find(touched) is { } owned)
                owned.IsDirty = true;
        }

        var commits = new List<PartitionCommit>();
        foreach (var owned in _owned.All)
        {
            if (owned.IsDirty || owned.Next != owned.Committed)
                commits.Add(new(owned.Partition, owned.Next, owned.Sequence + 1));
        }

        return commits;
    }

    private CommittedPosition Position(PartitionCommit commit) =>
        new(commit.Partition.Topic, commit.Partition.Partition, commit.Offset, new CommitMetadata(commit.Sequence, _transactionalId, _life.Incarnation).ToString());

    private void Promote(List<PartitionCommit> commits)
    {
        foreach (var commit in commits)
        {
            var owned = _owned.Find(commit.Partition)!;
            owned.Committed = commit.Offset;
            owned.Sequence = commit.Sequence;
            owned.IsDirty = false;
        }

        _abortsInRow = 0;
        _wait.WritingWorks();
        LaneMetrics.Committed.Add(1);
        if (_changedAt != 0)
            LaneMetrics.CommitAge.Record(CommitAge.TotalSeconds);
        _changedAt = 0;
        _movedAt = 0;
        _output.Clear();
        _telemetry.Forget();
        _processor.Promote();
    }

    /// <summary>Forgets the transaction; the records are read again from the committed positions.</summary>
    private void Drop()
    {
        _changedAt = 0;
        _movedAt = 0;
        _output.Clear();
        _telemetry.Forget();
        _processor.Drop();
        _isRewindDue = true;
    }

    private void Abort()
    {
        if (_writer is { InTransaction: true })
        {
            switch (_writer.Abort())
            {
                case CommitOutcome.Fenced:
                    throw Fenced();
                case CommitOutcome.Unknown:
                    UseNewWriter();
                    break;
            }
        }

        Drop();
    }

    private void Resolve(List<PartitionCommit> commits)
    {
        UseNewWriter();
        var partitions = commits.ConvertAll(commit => commit.Partition);
        var found = Array.Empty<CommittedPosition>();
        Retrying(() => found = _reader.Committed(partitions));
        if (UnknownCommit.Stands(commits, found, _transactionalId, _life.Incarnation))
            Promote(commits);
        else
            Drop();
    }

    private void UseNewWriter()
    {
        _writer?.Dispose();
        _writer = null;
        Retrying(() =>
        {
            _writer ??= _log.OpenWriter(_transactionalId, ILog.BatchBytesOurTopicsTake);
            _output.Use(_writer);
        });
    }

    private FencedException Fenced() => new($"{_transactionalId} was taken over by another instance, or the log gave it up; two instances must not share an ordinal");
}
