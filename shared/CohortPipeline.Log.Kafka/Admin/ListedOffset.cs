namespace CohortPipeline.Log.Kafka.Admin;

/// <summary>Reads the client's answer to a question for a partition's first or last offset.</summary>
internal static class ListedOffset
{
    /// <summary>
    /// Where the connection broke before the broker had answered, librdkafka 2.16 reports success with an offset that is none
    /// (-1001): taken at its word, a topic would look empty, and a restore would be done before it began.
    /// </summary>
    /// <exception cref="LogUnavailableException">Nobody answered.</exception>
    public static long Of(TopicPartition partition, long offset, string servers) =>
        offset >= 0 ? offset : throw new LogUnavailableException($"asking for offsets of {partition} on Kafka at {servers}: nobody answered ({offset})");
}
