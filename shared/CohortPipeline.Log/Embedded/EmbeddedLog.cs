using System.Collections.Concurrent;
using CohortPipeline.Contracts;
using CohortPipeline.Log.Embedded.Batches;
using CohortPipeline.Log.Embedded.Groups;
using CohortPipeline.Log.Embedded.Partitions;
using CohortPipeline.Log.Embedded.Storage;

namespace CohortPipeline.Log.Embedded;

/// <summary>
/// A log in one folder, for one process: nothing to install, nothing to run beside it. It is for trying the pipeline out
/// and for tests; real use belongs on Kafka.
/// </summary>
/// <remarks>
/// A transaction lives in its writer's memory until it is committed, as one transaction of SQLite. So nothing undecided
/// is ever in the log: both isolations see the same end, offsets have no gaps but those that compaction makes, and
/// no commit has an unknown outcome.
/// </remarks>
public sealed class EmbeddedLog : ILog
{
    private readonly FolderLock _folderLock;
    private readonly LogStore _store;
    private readonly Checkpointer _checkpointer;
    private readonly Catalog _catalog;
    private readonly TimeProvider _time;
    private readonly EmbeddedLogOptions _options;
    private readonly TailCache _tails;
    private readonly ConcurrentDictionary<string, TopicLog> _topics = new();
    private readonly ConcurrentDictionary<string, Group> _groups = new();
    private readonly ConcurrentDictionary<EmbeddedReader, bool> _readers = new();
    private readonly Dictionary<string, EmbeddedWriter> _writers = [];

    /// <summary>Guards the store, the writers and the order of what becomes visible: one commit at a time.</summary>
    private readonly Lock _commitLock = new();

    private volatile bool _closed;

    private EmbeddedLog(FolderLock folderLock, LogStore store, TimeProvider time, EmbeddedLogOptions options)
    {
        _folderLock = folderLock;
        _store = store;
        _time = time;
        _options = options;
        _checkpointer = store.OpenCheckpointer(_commitLock);
        _catalog = new(store);
        _tails = new(options.TailBytesMax);
        Admin = new EmbeddedLogAdmin(this);
    }

    public ILogAdmin Admin { get; }

    internal GroupPositions Positions { get; } = new();

    /// <summary>Opens the log in this folder, and makes folder and log where there is none.</summary>
    /// <exception cref="LogUnavailableException">There is no room on the disk.</exception>
    /// <exception cref="LogException">Another process has it open, the file is damaged or another program's, or the folder cannot be written.</exception>
    public static EmbeddedLog Open(string folder, TimeProvider time, EmbeddedLogOptions? options = null)
    {
        options ??= new();
        var folderLock = FolderLock.Take(folder);
        LogStore? store = null;
        EmbeddedLog? log = null;
        try
        {
            store = LogStore.Open(folder, options.FileBytesMax);
            new Cleaning(store, time).Run();
            log = new EmbeddedLog(folderLock, store, time, options);
            log.ReadWhatIsThere();
            return log;
        }
        catch (Exception error) when (error is LogException or LogUnavailableException)
        {
            log?._checkpointer.Dispose();
            store?.Dispose();
            folderLock.Dispose();
            throw;
        }
    }

    public ILogReader OpenReader(ReaderOptions options)
    {
        CheckOpen();
        var reader = new EmbeddedReader(this, GroupOf(options.Group), options.InstanceId);
        _readers[reader] = true;
        return reader;
    }

    public ILogWriter OpenWriter(string transactionalId, int batchBytesMax = ILog.BatchBytesAnyTopicTakes)
    {
        lock (_commitLock)
        {
            CheckOpen();
            if (_writers.TryGetValue(transactionalId, out var older))
                older.Fence();
            return _writers[transactionalId] = new EmbeddedWriter(this, _time, transactionalId);
        }
    }

    public ValueTask DisposeAsync()
    {
        lock (_commitLock)
        {
            if (_closed)
                return ValueTask.CompletedTask;
            _closed = true;
        }

        // Outside of the lock, which the last checkpoint may want.
        _checkpointer.Dispose();
        _tails.Clear();
        _store.Dispose();
        _folderLock.Dispose();

        foreach (var reader in _readers.Keys)
            reader.Wake();
        return ValueTask.CompletedTask;
    }

    internal void CheckOpen() => ObjectDisposedException.ThrowIf(_closed, this);

    internal TopicLog? FindTopic(string topic) => _topics.GetValueOrDefault(topic);

    internal TopicLog TopicOf(string topic) =>
        FindTopic(topic) ?? throw new LogException($"There is no topic {topic} in {_store.Folder}.");

    internal PartitionLog PartitionOf(TopicPartition partition)
    {
        var partitions = TopicOf(partition.Topic).Partitions;
        return (uint)partition.Partition < (uint)partitions.Length
            ? partitions[partition.Partition]
            : throw new LogException($"{partition.Topic} has {partitions.Length} partitions, and {partition.Partition} is not among them.");
    }

    internal void Create(TopicSpec topic)
    {
        lock (_commitLock)
        {
            CheckOpen();
            if (!_topics.ContainsKey(topic.Name))
                _topics[topic.Name] = _catalog.Create(topic);
        }
    }

    internal BatchLoader OpenLoader() => _store.OpenLoader();

    internal void Forget(EmbeddedReader reader) => _readers.TryRemove(reader, out _);

    internal void Forget(EmbeddedWriter writer)
    {
        lock (_commitLock)
        {
            if (_writers.GetValueOrDefault(writer.TransactionalId) == writer)
                _writers.Remove(writer.TransactionalId);
        }
    }

    internal bool Commit(EmbeddedReader reader, IReadOnlyList<CommittedPosition> positions)
    {
        CheckPositions(positions);
        if (!reader.Group.TryBeginCommit(reader.Member, positions))
            return false;
        try
        {
            lock (_commitLock)
                Commit(reader.Group, [], positions);
            return true;
        }
        finally
        {
            reader.Group.EndCommit(reader.Member);
        }
    }

    internal CommitOutcome Commit(
        EmbeddedWriter writer, EmbeddedReader? reader, List<(PartitionLog Partition, Batch Batch)> batches, IReadOnlyList<CommittedPosition> positions)
    {
        CheckPositions(positions);
        var group = positions.Count == 0 ? null : reader!.Group;
        if (group is not null && !group.TryBeginCommit(reader!.Member, positions))
            return writer.IsFenced ? CommitOutcome.Fenced : CommitOutcome.Aborted;
        try
        {
            lock (_commitLock)
            {
                if (writer.IsFenced)
                    return CommitOutcome.Fenced;
                Commit(group, batches, positions);
                return CommitOutcome.Committed;
            }
        }
        finally
        {
            group?.EndCommit(reader!.Member);
        }
    }

    private void Commit(Group? group, List<(PartitionLog Partition, Batch Batch)> batches, IReadOnlyList<CommittedPosition> positions)
    {
        CheckOpen();
        _checkpointer.ThrowIfFailing();
        Place(batches);
        _store.Transact(() =>
        {
            foreach (var (partition, batch) in batches)
                _store.Insert(partition, batch);
            foreach (var position in positions)
                _store.Put(group!.Name, position);
        });

        _checkpointer.Committed(batches.Sum(placed => (long)placed.Batch.Data.Length));

        // Positions first: whoever sees the outputs sees the positions too.
        foreach (var position in positions)
            Positions.Put(group!.Name, position);
        foreach (var (partition, batch) in batches)
        {
            batch.Buffer.AddReference();
            _tails.Add(partition, batch);
            partition.WakeWatchers();
        }
    }

    private static void Place(List<(PartitionLog Partition, Batch Batch)> batches)
    {
        // A partition's batches follow each other in the list.
        for (var index = 0; index < batches.Count; index++)
        {
            var (partition, batch) = batches[index];
            var follows = index > 0 && batches[index - 1].Partition == partition;
            batch.PlaceAt(follows ? batches[index - 1].Batch.EndOffset : partition.EndOffset);
        }
    }

    private static void CheckPositions(IReadOnlyList<CommittedPosition> positions)
    {
        foreach (var position in positions)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(position.Offset, nameof(positions));
            if (System.Text.Encoding.UTF8.GetByteCount(position.Metadata) > CommittedPosition.MetadataBytesMax)
                throw new ArgumentException($"the metadata of {position.TopicPartition} is longer than {CommittedPosition.MetadataBytesMax} bytes", nameof(positions));
        }
    }

    private Group GroupOf(string name) =>
        _groups.GetOrAdd(name, static (name, log) => new(name, log._time, log._options.PollInterval, topic => log.TopicOf(topic).Partitions.Length), this);

    private void ReadWhatIsThere()
    {
        foreach (var topic in _catalog.ReadTopics())
            _topics[topic.Spec.Name] = topic;
        foreach (var (group, position) in _catalog.ReadPositions())
            Positions.Put(group, position);
    }
}
