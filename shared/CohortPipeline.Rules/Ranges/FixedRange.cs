using System.Text.Json;
using CohortPipeline.Contracts;

namespace CohortPipeline.Rules.Ranges;

/// <summary><c>since: A</c> (<c>A ≤ e ≤ t</c>) and <c>between: [A, B]</c> (<c>A ≤ e &lt; B</c>, <c>e ≤ t</c>). Time passing moves nothing out of it.</summary>
/// <param name="first">A, epoch milliseconds.</param>
/// <param name="end">B; <see cref="EventRange.Never"/> for none.</param>
internal sealed class FixedRange(long first, long end) : EventRange
{
    internal override long FirstAt(long instant) => first;

    internal override long End => end;

    internal override void Write(Utf8JsonWriter writer)
    {
        if (end == Never)
        {
            writer.WriteString("since"u8, Instant.ToRfc3339(first));
            return;
        }

        writer.WriteStartArray("between"u8);
        writer.WriteStringValue(Instant.ToRfc3339(first));
        writer.WriteStringValue(Instant.ToRfc3339(end));
        writer.WriteEndArray();
    }
}
