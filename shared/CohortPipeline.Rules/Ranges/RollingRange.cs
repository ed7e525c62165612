using System.Text.Json;

namespace CohortPipeline.Rules.Ranges;

/// <summary><c>within: W</c>: times <c>e</c> with <c>t − W &lt; e ≤ t</c>.</summary>
/// <param name="length">Milliseconds.</param>
internal sealed class RollingRange(long length) : EventRange
{
    /// <summary>Milliseconds.</summary>
    internal long Length => length;

    internal override long FirstAt(long instant) => instant - length + 1;

    internal override long LeavesAt(long time) => time + length;

    internal override void Write(Utf8JsonWriter writer) => writer.WriteString("within"u8, Duration.ToText(length));
}
