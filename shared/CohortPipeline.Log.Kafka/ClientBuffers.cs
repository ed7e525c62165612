namespace CohortPipeline.Log.Kafka;

/// <summary>
/// What a lane's clients may hold of the log, shared out: half is the writer's, for what is appended and not acknowledged; a
/// quarter the reader's, for what was fetched and not polled. Beside that come one answer to a fetch, which is taken whole
/// whatever is held already, and the clients' own bookkeeping a record.
/// </summary>
/// <param name="Bytes">Of keys and values.</param>
public readonly record struct ClientBuffers(long Bytes)
{
    public const long DefaultBytes = 64 * 1024 * 1024;

    /// <summary>Less would not hold a few records of the greatest size.</summary>
    public const long BytesMin = 16 * 1024 * 1024;

    /// <summary>More is more than librdkafka takes for one of its buffers.</summary>
    public const long BytesMax = 1024 * 1024 * 1024;

    /// <summary>Records of less than this are bounded by their number: bookkeeping is most of what they take.</summary>
    private const int RecordBytesExpected = 1024;

    internal long WriterBytes => Bytes / 2;

    internal long ReaderBytes => Bytes / 4;

    internal long FetchBytes => Math.Max(Bytes / 8, ClientProperties.MessageBytesMax);

    internal long RecordsMax => Bytes / RecordBytesExpected;
}
