using System.Runtime.InteropServices;
using RocksDbSharp;

namespace CohortPipeline.Sinks.Snapshot;

/// <summary>
/// The snapshots of all cohorts that this process serves, sorted, in one RocksDB under a folder of its own. It is made when
/// the first is opened and is deleted with the process: what it holds is read again from <c>memberships</c>. Its memory is
/// bounded whatever it holds: a cache for blocks and indexes, in which what waits to be written is counted too.
/// Any thread may use it; a snapshot of it, one thread at a time.
/// </summary>
public sealed class SnapshotStore(string parentFolder) : IMemberSnapshotFactory, IDisposable
{
    private const ulong MiB = 1024 * 1024;
    private const ulong CacheBytesMax = 24 * MiB;
    private const ulong UnwrittenBytesMax = 16 * MiB;
    private const ulong UnwrittenBytesPerTable = 8 * MiB;
    private const ulong BlockBytes = 16 * 1024;
    private const ulong ReadAheadBytes = 256 * 1024;
    private const int BatchBytesMax = 512 * 1024;
    private const int OpenFilesMax = 200;

    /// <summary>Sorted runs that a reader merges, before writing waits for the background to make fewer of them.</summary>
    private const int RunsBeforeMerging = 12;
    private const int RunsBeforeSlowing = 32;
    private const int RunsMax = 48;

    private readonly Lock _lock = new();
    private readonly WriteBatch _waiting = new();
    private readonly WriteOptions _unlogged = new WriteOptions().DisableWal(1);
    private int _waitingBytes;
    private uint _lastId;
    private StoreFolder? _folder;
    private RocksDb? _db;
    private IntPtr _unwritten;

    public IMemberSnapshot Open()
    {
        lock (_lock)
        {
            if (_db is null)
                Create();
            return new StoredSnapshot(this, ++_lastId);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _waiting.Dispose();
            if (_db is null)
                return;
            _db.Dispose();
            _db = null;
            Native.Instance.rocksdb_write_buffer_manager_destroy(_unwritten);
            _folder!.Dispose();
        }
    }

    internal void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        lock (_lock)
        {
            _waiting.Put(key, value);
            Waits(key.Length + value.Length);
        }
    }

    internal void Delete(ReadOnlySpan<byte> key)
    {
        lock (_lock)
        {
            _waiting.Delete(key);
            Waits(key.Length);
        }
    }

    /// <summary>Deletes every key from one up to, and without, another.</summary>
    internal void DeleteRange(byte[] from, byte[] to)
    {
        lock (_lock)
        {
            _waiting.DeleteRange(from, (ulong)from.Length, to, (ulong)to.Length);
            Waits(from.Length + to.Length);
        }
    }

    /// <summary>Reads what was put up to now, in the order of keys. The caller disposes of it.</summary>
    internal Iterator Read()
    {
        lock (_lock)
        {
            Write();
            // What is read once, from one end to the other, would only drive out of the cache what is read again.
            return _db!.NewIterator(readOptions: new ReadOptions().SetFillCache(false).SetAutoReadaheadSize(true));
        }
    }

    /// <summary>Whether a reader is at a key that begins so. False at the end of all keys.</summary>
    /// <exception cref="IOException">It is at no key because it could not read on.</exception>
    internal bool IsAt(Iterator reader, ReadOnlySpan<byte> head)
    {
        if (reader.Valid())
            return reader.GetKeySpan().StartsWith(head);
        Native.Instance.rocksdb_iter_get_error(reader.Handle, out var error);
        if (error != IntPtr.Zero)
            throw Failed(Marshal.PtrToStringUTF8(error) ?? "", null);
        return false;
    }

    private void Waits(int bytes)
    {
        _waitingBytes += bytes;
        if (_waitingBytes >= BatchBytesMax)
            Write();
    }

    private void Write()
    {
        if (_waiting.Count() == 0)
            return;
        try
        {
            _db!.Write(_waiting, _unlogged);
        }
        catch (RocksDbException exception)
        {
            throw Failed(exception.Message, exception);
        }

        _waiting.Clear();
        _waitingBytes = 0;
    }

    private IOException Failed(string what, Exception? inner) =>
        new($"the sorted members in {_folder?.Path} cannot be read or written: {what}. Where the disk is full, Sink:StoreFolder needs more room; the next start builds them anew", inner);

    private void Create()
    {
        _folder = StoreFolder.Claim(parentFolder);
        var cache = Cache.CreateLru(CacheBytesMax);
        _unwritten = Native.Instance.rocksdb_write_buffer_manager_create_with_cache(checked((UIntPtr)UnwrittenBytesMax), cache.Handle, 0);
        var table = new BlockBasedTableOptions()
            .SetBlockCache(cache)
            .SetBlockSize(BlockBytes)
            .SetCacheIndexAndFilterBlocks(true)
            .SetIndexType(BlockBasedTableIndexType.TwoLevelIndex);
        var options = new DbOptions()
            .SetCreateIfMissing()
            .SetBlockBasedTableFactory(table)
            .SetCompression(Compression.Lz4)
            .SetCompactionStyle(Compaction.Universal)
            .SetLevel0FileNumCompactionTrigger(RunsBeforeMerging)
            .SetLevel0SlowdownWritesTrigger(RunsBeforeSlowing)
            .SetLevel0StopWritesTrigger(RunsMax)
            .SetCompactionReadaheadSize(ReadAheadBytes)
            .SetWriteBufferSize(UnwrittenBytesPerTable)
            .SetMaxBackgroundCompactions(1)
            .SetMaxBackgroundFlushes(1)
            .SetMaxOpenFiles(OpenFilesMax)
            .SetStatsDumpPeriodSec(0)
            .SetInfoLogLevel(InfoLogLevel.Error);
        Native.Instance.rocksdb_options_set_write_buffer_manager(options.Handle, _unwritten);
        _db = RocksDb.Open(options, _folder.Path);
    }
}
