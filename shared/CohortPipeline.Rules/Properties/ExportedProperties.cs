using System.Buffers;
using CohortPipeline.Rules.Plans;

namespace CohortPipeline.Rules.Properties;

/// <summary>The properties of a profile that the deltas and rows of a cohort carry.</summary>
public static class ExportedProperties
{
    /// <summary>Writes them as a compact JSON object: in the definition's order, or for <c>*</c> in the order of the bag. Nothing is written, and false answered, where there is none.</summary>
    public static bool Write(PlannedCohort cohort, PropertyBag properties, IBufferWriter<byte> output)
    {
        var written = 0;
        if (cohort.ExportsAll)
        {
            for (var index = 0; index < properties.Count; index++)
                WriteMember(properties, index, written++, output);
        }
        else
        {
            foreach (var name in cohort.Exports)
            {
                if (properties.IndexOf(name) is >= 0 and var index)
                    WriteMember(properties, index, written++, output);
            }
        }

        if (written > 0)
            output.Write("}"u8);
        return written > 0;
    }

    private static void WriteMember(PropertyBag properties, int index, int written, IBufferWriter<byte> output)
    {
        output.Write(written == 0 ? "{"u8 : ","u8);
        JsonName.Write(properties.NameAt(index), output);
        output.Write(":"u8);
        output.Write(properties.ValueAt(index));
    }
}
