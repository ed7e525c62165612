using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace CohortPipeline.Log.Embedded.Storage;

/// <summary>
/// Moves commits from the write-ahead log into the file, on a thread of its own: flushing the disk takes much longer
/// than a commit, and nobody has to wait for it.
/// </summary>
internal sealed class Checkpointer : IDisposable
{
    /// <summary>So much is committed from one checkpoint to the next.</summary>
    private const long IntervalBytes = 16 * 1024 * 1024;

    /// <summary>
    /// The write-ahead log starts anew only when all of it is in the file, which never happens while commits go on. When it
    /// has grown to this size, they wait until the rest is there.
    /// </summary>
    private const long WriteAheadBytesMax = 128 * 1024 * 1024;

    private readonly SqliteConnection _connection;
    private readonly StoreErrors _errors;
    private readonly Lock _commitLock;
    private readonly Thread _thread;
    private readonly AutoResetEvent _signal = new(initialState: false);
    private long _bytes;
    private volatile bool _stopping;
    private volatile Exception? _failure;

    public Checkpointer(SqliteConnection connection, StoreErrors errors, Lock commitLock)
    {
        _connection = connection;
        _errors = errors;
        _commitLock = commitLock;
        _thread = new Thread(Run) { IsBackground = true, Name = "embedded log checkpoints" };
        _thread.Start();
    }

    /// <summary>Counts a commit; under the commit lock.</summary>
    public void Committed(long bytes)
    {
        _bytes += bytes;
        if (_bytes < IntervalBytes)
            return;
        _bytes = 0;
        _signal.Set();
    }

    /// <summary>Throws what the last checkpoint failed with, and has it tried again.</summary>
    public void ThrowIfFailing()
    {
        if (_failure is not { } failure)
            return;
        _signal.Set();
        throw failure;
    }

    public void Dispose()
    {
        _stopping = true;
        _signal.Set();
        _thread.Join();
        _signal.Dispose();
        _connection.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            _signal.WaitOne();
            if (_stopping)
                return;
            try
            {
                if (Checkpoint() > WriteAheadBytesMax)
                {
                    lock (_commitLock)
                        Checkpoint();
                }

                _failure = null;
            }
            catch (Exception failure) when (failure is LogException or LogUnavailableException)
            {
                _failure = failure;
            }
        }
    }

    /// <summary>Answers how long the write-ahead log is.</summary>
    private long Checkpoint()
    {
        var code = raw.sqlite3_wal_checkpoint_v2(_connection.Handle!, null, raw.SQLITE_CHECKPOINT_PASSIVE, out var pages, out _);
        // Busy: a reader stands in the way, and the next checkpoint goes further.
        if (code != raw.SQLITE_BUSY)
            _errors.Check(_connection.Handle!, code);
        return (long)pages * LogStore.PageBytes;
    }
}
