using CohortPipeline.Log;

namespace CohortPipeline.Tests.Integration.EndToEnd;

/// <summary>A member of a group that keeps its partitions and does nothing with their records: they fall behind until it leaves.</summary>
internal sealed class HungMember : IPositionedHandler, IDisposable
{
    private const int BatchRecordsMax = 100;

    private static readonly TimeSpan PollTimeout = TimeSpan.FromMilliseconds(20);

    private readonly ILogReader _reader;
    private readonly Thread _thread;
    private readonly Lock _lock = new();
    private readonly HashSet<TopicPartition> _owned = [];
    private volatile bool _leaving;

    public HungMember(ILog log, string group, string topic)
    {
        _reader = log.OpenReader(new(group));
        _reader.Subscribe([topic], this);
        _thread = new(Run) { IsBackground = true, Name = "hung member" };
        _thread.Start();
    }

    /// <summary>What nobody reads while it stays.</summary>
    public IReadOnlyCollection<TopicPartition> Owned
    {
        get
        {
            lock (_lock)
                return [.. _owned];
        }
    }

    public long[] Assigned(IReadOnlyList<CommittedPosition> partitions)
    {
        lock (_lock)
            _owned.UnionWith(partitions.Select(partition => partition.TopicPartition));
        return [.. partitions.Select(partition => partition.Exists ? partition.Offset : 0)];
    }

    public void Revoked(IReadOnlyList<TopicPartition> partitions)
    {
        lock (_lock)
            _owned.ExceptWith(partitions);
    }

    public void Lost(IReadOnlyList<TopicPartition> partitions) => Revoked(partitions);

    /// <summary>Leaves the group: its partitions go to the others, at the positions that the group had.</summary>
    public void Dispose()
    {
        _leaving = true;
        _thread.Join();
    }

    private void Run()
    {
        using (_reader)
        {
            while (!_leaving)
                _reader.Poll(BatchRecordsMax, PollTimeout);
            _reader.Leave();
        }
    }
}
