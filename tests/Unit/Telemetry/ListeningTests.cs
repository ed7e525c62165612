using Xunit;

namespace CohortPipeline.Tests.Unit.Telemetry;

/// <summary>
/// Whoever listens to an activity source listens for the whole process, so tests that listen and tests of what happens where
/// nobody does are one collection: none of them runs beside another.
/// </summary>
[CollectionDefinition(Name)]
public sealed class ListeningTests
{
    public const string Name = "Listening";
}
