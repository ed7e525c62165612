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

    /// <summary>A <see cref="LogUnavailableException"/> where waiting helps, else a <see cref="LogException"/>.</summary>
    public Exception Of(int code, string detail, Exception? inner = null) => (code & PrimaryCodeMask) == raw.SQLITE_FULL
        ? new LogUnavailableException(
            $"No room is left for the embedded log in {folder} ({detail}). What is committed is kept, what was being written is given up and comes again. "
            + "Make room on that disk, and it goes on by itself; where the log has reached a size limit of its own (Pipeline__DataBytesMax), start it again with a higher one.",
            inner)
        : Refusal(code, detail, inner);

    public LogException DamagedBatch(long id) =>
        Refusal(raw.SQLITE_CORRUPT, $"batch {id}, of partition number {BatchId.PartitionOf(id)} at offset {BatchId.OffsetOf(id)}, is not what was written");

    private LogException Refusal(int code, string detail, Exception? inner = null) => new(
        (code & PrimaryCodeMask) switch
        {
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
}
