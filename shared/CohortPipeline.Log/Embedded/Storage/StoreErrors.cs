using SQLitePCL;

namespace CohortPipeline.Log.Embedded.Storage;

/// <summary>Says what went wrong with the file, and what to do about it.</summary>
internal sealed class StoreErrors(string folder)
{
    private const int PrimaryCodeMask = 0xff;

    public void Check(sqlite3 database, int code)
    {
        if (code != raw.SQLITE_OK)
            throw Of(code, raw.sqlite3_errmsg(database).utf8_to_string());
    }

    public LogException Of(int code, string detail, Exception? inner = null) => new(
        (code & PrimaryCodeMask) switch
        {
            raw.SQLITE_FULL =>
                $"No room is left for the embedded log in {folder} ({detail}). What is committed is kept, what was being written is given up. "
                + "Make room on that disk (or raise the log's size limit) and start again: it goes on from the last commit.",
            raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB =>
                $"The embedded log in {folder} is damaged ({detail}). Put the folder back from a copy, or delete it and publish its input again.",
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED =>
                $"Another program has the file of the embedded log in {folder} open ({detail}). Close it and start again.",
            raw.SQLITE_IOERR =>
                $"The disk under the embedded log in {folder} does not read or write ({detail}, code {code}). Look at the disk, then start again: what is committed is kept.",
            raw.SQLITE_CANTOPEN or raw.SQLITE_READONLY or raw.SQLITE_PERM =>
                $"The embedded log in {folder} cannot be opened for writing ({detail}). Check that the folder exists and belongs to this user.",
            _ => $"The embedded log in {folder} failed: {detail} (SQLite code {code}).",
        },
        inner);

    public LogException DamagedBatch(long id) =>
        Of(raw.SQLITE_CORRUPT, $"batch {id}, of partition number {BatchId.PartitionOf(id)} at offset {BatchId.OffsetOf(id)}, is not what was written");
}
