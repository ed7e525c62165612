using System.Buffers.Binary;
using Microsoft.Data.Sqlite;

namespace CohortPipeline.Benchmarks.Log;

/// <summary>
/// The least that can be done with SQLite from C#: a row a batch, each record a length and its bytes, ordinary ADO.NET.
/// No partitions, no offsets, no groups, no check sums: what the embedded log's own work is measured against.
/// </summary>
internal sealed class BareSqlite : IDisposable
{
    private readonly SqliteConnection _connection;

    public BareSqlite(string folder)
    {
        _connection = new($"Data Source={Path.Combine(folder, "bare.db")};Pooling=False");
        _connection.Open();
        Execute("PRAGMA journal_mode = WAL");
        Execute("PRAGMA synchronous = NORMAL");
        Execute("CREATE TABLE batches (id INTEGER PRIMARY KEY, data BLOB NOT NULL)");
    }

    public void Append(byte[] record, int records, int perCommit)
    {
        using var insert = _connection.CreateCommand();
        insert.CommandText = "INSERT INTO batches (data) VALUES ($data)";
        var data = new byte[perCommit * (sizeof(int) + record.Length)];
        var parameter = insert.Parameters.Add("$data", SqliteType.Blob);
        parameter.Value = data;
        insert.Prepare();
        for (var done = 0; done < records; done += perCommit)
        {
            var at = 0;
            for (var number = 0; number < perCommit; number++)
            {
                BinaryPrimitives.WriteInt32LittleEndian(data.AsSpan(at), record.Length);
                record.CopyTo(data, at + sizeof(int));
                at += sizeof(int) + record.Length;
            }

            using var transaction = _connection.BeginTransaction();
            insert.Transaction = transaction;
            insert.ExecuteNonQuery();
            transaction.Commit();
        }
    }

    /// <summary>Looks at every record's first byte.</summary>
    public long Read()
    {
        using var select = _connection.CreateCommand();
        select.CommandText = "SELECT data FROM batches ORDER BY id";
        using var reader = select.ExecuteReader();
        var sum = 0L;
        while (reader.Read())
        {
            ReadOnlySpan<byte> data = reader.GetFieldValue<byte[]>(0);
            while (data.Length > 0)
            {
                var length = BinaryPrimitives.ReadInt32LittleEndian(data);
                sum += data[sizeof(int)];
                data = data[(sizeof(int) + length)..];
            }
        }

        return sum;
    }

    public void Dispose() => _connection.Dispose();

    private void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
