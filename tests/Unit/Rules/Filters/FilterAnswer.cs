namespace CohortPipeline.Tests.Unit.Rules.Filters;

/// <summary>What a filter says of an event's properties.</summary>
internal static class FilterAnswer
{
    public static bool Of(string filter, string properties) => new PartitionScript($$"""
        id: matched
        where: { did: { event: view, where: {{filter}} } }
        """).Event("10:00", "view", properties).Deltas.Length == 1;
}
