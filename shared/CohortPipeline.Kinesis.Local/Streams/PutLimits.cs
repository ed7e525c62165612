namespace CohortPipeline.Kinesis.Local;

/// <summary>The limits of a put, to the byte: keys count with the data.</summary>
public static class PutLimits
{
    public const int RecordsMax = 500;

    /// <summary>Unicode characters, whatever their length in UTF-8.</summary>
    public const int KeyCharactersMax = 256;

    /// <summary>Of a record, where the stream does not say otherwise.</summary>
    public const int OrdinaryRecordBytes = 1024 * 1024;

    /// <summary>The most that a stream can say.</summary>
    public const int LargeRecordBytes = 10 * 1024 * 1024;

    private const int OrdinaryRequestBytes = 5 * 1024 * 1024;
    private const int LargeRequestBytes = 10 * 1024 * 1024;

    /// <summary>Why a put is refused as a whole; null if it is not.</summary>
    /// <param name="recordBytesMax">What the stream takes.</param>
    internal static KinesisError? Check(PutBatch batch, int recordBytesMax)
    {
        if (batch.Entries.Count == 0)
            return KinesisError.Validation("records", "Member must have length greater than or equal to 1");
        if (batch.Entries.Count > RecordsMax)
            return KinesisError.Validation("records", $"Member must have length less than or equal to {RecordsMax}");
        var requestBytes = 0L;
        for (var i = 0; i < batch.Entries.Count; i++)
        {
            var entry = batch.Entries[i];
            if (entry.KeyBytes == 0)
                return KinesisError.Validation($"records.{i + 1}.member.partitionKey", "Member must have length greater than or equal to 1");
            if (entry.KeyBytes > KeyCharactersMax && CharactersOf(batch.Key(entry)) > KeyCharactersMax)
                return KinesisError.Validation($"records.{i + 1}.member.partitionKey", $"Member must have length less than or equal to {KeyCharactersMax}");
            if (entry.Size > recordBytesMax)
                return KinesisError.Validation($"records.{i + 1}.member.data", $"Member must have length less than or equal to {recordBytesMax}");
            requestBytes += entry.Size;
        }

        var requestBytesMax = recordBytesMax > OrdinaryRecordBytes ? LargeRequestBytes : OrdinaryRequestBytes;
        return requestBytes > requestBytesMax ? KinesisError.InvalidArgument($"Records size exceeds {requestBytesMax / (1024 * 1024)} MB limit") : null;
    }

    /// <summary>Every byte but those that go on with a character.</summary>
    private static int CharactersOf(ReadOnlySpan<byte> utf8)
    {
        var count = 0;
        foreach (var value in utf8)
            count += (value & 0xC0) == 0x80 ? 0 : 1;
        return count;
    }
}
