using CohortPipeline.Contracts;
using CohortPipeline.Log;

namespace CohortPipeline.Hosting;

/// <summary>Holds a topic as the log has it against what it must be. Errors say what was found, what was expected and what to do.</summary>
internal static class TopicCheck
{
    public static IEnumerable<string> Ours(TopicSpec expected, TopicDescription found)
    {
        if (found.PartitionCount != expected.PartitionCount)
        {
            yield return $"topic {expected.Name} has {found.PartitionCount} partitions, expected {expected.PartitionCount}: " +
                "the count is fixed for a prefix's life. Set Pipeline__Partitions to what it has, or begin a new Pipeline__Prefix and replay.";
        }

        if (found.Cleanup != expected.Cleanup)
        {
            yield return $"topic {expected.Name} has cleanup.policy {Name(found.Cleanup)}, expected {Name(expected.Cleanup)}: " +
                "change the topic's policy, or begin a new Pipeline__Prefix.";
        }
    }

    public static IEnumerable<string> Source(PipelineOptions options, TopicDescription found)
    {
        if (options.Clock == ClockKind.Record && found.PartitionCount != options.PartitionCount)
        {
            yield return $"source topic {found.Name} has {found.PartitionCount} partitions, expected {options.PartitionCount} as activity has: " +
                "with clock `record` source partition i alone feeds partition i. Use another topic, or set Pipeline__Partitions.";
        }
    }

    private static string Name(TopicCleanup cleanup) => cleanup == TopicCleanup.Compact ? "compact" : "delete";
}
