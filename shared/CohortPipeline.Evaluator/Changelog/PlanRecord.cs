using CohortPipeline.Contracts;
using CohortPipeline.Rules.Plans;

namespace CohortPipeline.Evaluator;

/// <summary>A cohort of the partition's plan as the changelog holds it, under a key of its own: its definition, and the slots that profiles know it by.</summary>
/// <remarks>Format byte 1, then version, slot, sweep, definition and behavior slots as varints and length-prefixed bytes.</remarks>
internal static class PlanRecord
{
    private const byte Format = 1;

    public static void Write(PlanEntry entry, ByteWriter writer)
    {
        writer.Clear();
        writer.Byte(Format);
        writer.Varint((ulong)entry.Version);
        writer.Varint((ulong)entry.Slot);
        writer.Varint((ulong)entry.Sweep);
        writer.Bytes(entry.Definition.Span);
        writer.Varint((ulong)entry.BehaviorSlots.Count);
        foreach (var slot in entry.BehaviorSlots)
            writer.Varint((ulong)slot);
    }

    /// <exception cref="InvalidDataException">A format that this version does not read.</exception>
    public static PlanEntry Read(string cohortId, ReadOnlySpan<byte> value)
    {
        var reader = new ByteReader(value);
        var format = reader.Byte();
        if (format != Format)
            throw new InvalidDataException($"the changelog's definition of {cohortId} has format {format}, this version reads {Format}: it was written by a newer version; start that one");
        var version = reader.Count();
        var slot = reader.Count();
        var sweep = (SweepWork)reader.Count();
        var definition = reader.Bytes().ToArray();
        var behaviorSlots = new int[reader.Count()];
        for (var i = 0; i < behaviorSlots.Length; i++)
            behaviorSlots[i] = reader.Count();
        return new(cohortId, version, slot, definition, behaviorSlots, sweep);
    }
}
