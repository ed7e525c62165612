namespace CohortPipeline.Ingest;

/// <summary>A file that cannot be read as producers' records at all; the message says what was found and what to do.</summary>
public sealed class RecordFileException(string message, Exception? inner = null) : Exception(message, inner);
