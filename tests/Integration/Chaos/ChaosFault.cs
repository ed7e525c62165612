namespace CohortPipeline.Tests.Integration.Chaos;

/// <summary>The pipeline did what it must not do.</summary>
internal sealed class ChaosFault(string message, Exception? inner = null) : Exception(message, inner);
