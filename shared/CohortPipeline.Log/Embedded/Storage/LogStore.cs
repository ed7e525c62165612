using CohortPipeline.Log.Embedded.Batches;
using CohortPipeline.Log.Embedded.Partitions;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace CohortPipeline.Log.Embedded.Storage;

/// <summary>
/// The log's file, as the one writer sees it: a row a batch, and one database transaction a commit. Not safe for several
/// threads: the log's commit lock guards it.
/// </summary>
/// <remarks>
/// The write-ahead log makes a commit whole or void when the process is killed; it is flushed to the disk at
/// checkpoints, so that a power cut may take the last commits, each of them whole.
/// </remarks>
internal sealed class LogStore : IDisposable
{
    public const string FileName = "log.db";

    public const int PageBytes = 8 * 1024;
    private const int CacheBytes = 16 * 1024 * 1024;
    private const int FormatVersion = 1;
    private const int ApplicationId = 0x434c6f67;

    private readonly SqliteConnection _connection;
    private readonly sqlite3 _database;
    private readonly Statement _begin;
    private readonly Statement _commit;
    private readonly Statement _rollback;
    private readonly Statement _insertBatch;
    private readonly Statement _putPosition;

    private LogStore(string folder, StoreErrors errors, SqliteConnection connection)
    {
        Folder = folder;
        Errors = errors;
        _connection = connection;
        _database = connection.Handle!;
        _begin = Prepare("BEGIN IMMEDIATE");
        _commit = Prepare("COMMIT");
        _rollback = Prepare("ROLLBACK");
        _insertBatch = Prepare("INSERT INTO batches (id, last_offset, timestamp, data) VALUES (?1, ?2, ?3, ?4)");
        _putPosition = Prepare(
            """
            INSERT INTO positions (member_group, topic, partition, position, metadata) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT DO UPDATE SET position = excluded.position, metadata = excluded.metadata
            """);
    }

    public string Folder { get; }

    public StoreErrors Errors { get; }

    public static LogStore Open(string folder, long? fileBytesMax)
    {
        var errors = new StoreErrors(folder);
        var connection = Connect(folder, errors);
        try
        {
            Execute(connection, errors, $"PRAGMA page_size = {PageBytes}");
            Execute(connection, errors, "PRAGMA journal_mode = WAL");
            Execute(connection, errors, "PRAGMA synchronous = NORMAL");
            Execute(connection, errors, $"PRAGMA cache_size = -{CacheBytes / 1024}");
            Execute(connection, errors, "PRAGMA wal_autocheckpoint = 0");
            if (fileBytesMax is { } bytes)
                Execute(connection, errors, $"PRAGMA max_page_count = {Math.Max(1, bytes / PageBytes)}");
            CreateOrCheck(connection, errors);
            return new(folder, errors, connection);
        }
        catch (Exception error) when (error is LogException or LogUnavailableException)
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>A connection of its own, for one reader.</summary>
    public BatchLoader OpenLoader() => new(Connect(Folder, Errors), Errors);

    public Checkpointer OpenCheckpointer(Lock commitLock) => new(Connect(Folder, Errors), Errors, commitLock);

    public Statement Prepare(string sql) => new(_database, Errors, sql);

    /// <summary>Runs <paramref name="work"/> in one transaction, all of it or nothing.</summary>
    public void Transact(Action work)
    {
        _begin.Run();
        try
        {
            work();
            _commit.Run();
        }
        finally
        {
            // SQLite has rolled back by itself after some errors, a full disk among them, and not after others.
            if (raw.sqlite3_get_autocommit(_database) == 0)
                _rollback.Run();
        }
    }

    public void Insert(PartitionLog partition, Batch batch) =>
        _insertBatch
            .Bind(1, BatchId.Of(partition.Id, batch.BaseOffset))
            .Bind(2, batch.EndOffset - 1)
            .Bind(3, batch.Timestamp)
            .Bind(4, batch.Data)
            .Run();

    public void Put(string group, CommittedPosition position) =>
        _putPosition
            .Bind(1, group)
            .Bind(2, position.Topic)
            .Bind(3, position.Partition)
            .Bind(4, position.Offset)
            .Bind(5, position.Metadata)
            .Run();

    public void Dispose()
    {
        foreach (var statement in (Statement[])[_begin, _commit, _rollback, _insertBatch, _putPosition])
            statement.Dispose();
        _connection.Dispose();
    }

    private static SqliteConnection Connect(string folder, StoreErrors errors)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = Path.Combine(folder, FileName),
            Mode = SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
        }.ConnectionString);
        try
        {
            connection.Open();
            return connection;
        }
        catch (SqliteException error)
        {
            connection.Dispose();
            throw errors.Of(error.SqliteErrorCode, error.Message, error);
        }
    }

    private static void CreateOrCheck(SqliteConnection connection, StoreErrors errors)
    {
        var version = Number(connection, errors, "PRAGMA user_version");
        if (version == 0)
        {
            Execute(connection, errors, LogSchema.Create(ApplicationId, FormatVersion));
            return;
        }

        if (Number(connection, errors, "PRAGMA application_id") != ApplicationId)
            throw new LogException($"{connection.DataSource} is a database of another program. Give the embedded log a folder of its own.");
        if (version != FormatVersion)
            throw new LogException($"{connection.DataSource} has format {version}, and this program knows {FormatVersion}. Use the program that wrote it, or a new folder.");
    }

    private static void Execute(SqliteConnection connection, StoreErrors errors, string sql) =>
        errors.Check(connection.Handle!, raw.sqlite3_exec(connection.Handle, sql));

    private static long Number(SqliteConnection connection, StoreErrors errors, string sql)
    {
        using var statement = new Statement(connection.Handle!, errors, sql);
        return statement.Step() ? statement.Int64(0) : 0;
    }
}
