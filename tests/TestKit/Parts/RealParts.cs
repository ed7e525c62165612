using System.Collections.Concurrent;

namespace CohortPipeline.TestKit;

/// <summary>
/// Which real parts (Kafka, AWS servers, a collector) this run found, and why it did not find the others. Whoever looks
/// for a part says here what came of it; <see cref="RealPartsReport"/> prints it when the run ends.
/// </summary>
public static class RealParts
{
    private static readonly ConcurrentDictionary<string, string> Outcomes = new(StringComparer.Ordinal);

    public static void Found(string part, string where) => Outcomes[part] = $"found {part}: {where}";

    public static void Missing(string part, string why) => Outcomes[part] = $"not found {part}: {why}";

    /// <summary>One line a part, by name.</summary>
    public static IEnumerable<string> Lines() => Outcomes.OrderBy(outcome => outcome.Key, StringComparer.Ordinal).Select(outcome => outcome.Value);
}
