using Xunit;

namespace CohortPipeline.Tests.Unit.Rules.Steps;

/// <summary>Runs a script twice: in memory, and stored and read back after every step. Both must say the same.</summary>
internal static class ScriptRuns
{
    public static string[] Deltas(string definitions, Action<PartitionScript> script)
    {
        var (inMemory, restored) = (new PartitionScript(definitions), new PartitionScript(definitions) { Restores = true });
        script(inMemory);
        script(restored);
        var deltas = inMemory.Deltas;
        Assert.Equal(deltas, restored.Deltas);
        return [.. deltas.Select(delta => delta.Replace("2026-03-01T", "", StringComparison.Ordinal))];
    }
}
