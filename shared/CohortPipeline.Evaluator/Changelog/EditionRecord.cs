using CohortPipeline.Contracts;

namespace CohortPipeline.Evaluator;

/// <summary>A change set that profiles are being moved through, as the changelog holds it under its generation; its markers have keys of their own.</summary>
/// <remarks>Format byte 1, then watermark and timer limit (64 bits), offset and number of parts.</remarks>
internal sealed record EditionRecord(long Watermark, long TimerLimit, long Offset, int Parts)
{
    private const byte Format = 1;

    public static EditionRecord Of(PlanEdition edition) => new(edition.Watermark, edition.TimerLimit, edition.Offset, edition.ChangeSet.Parts.Length);

    public void Write(ByteWriter writer)
    {
        writer.Clear();
        writer.Byte(Format);
        writer.Int64(Watermark);
        writer.Int64(TimerLimit);
        writer.Varint((ulong)Offset);
        writer.Varint((ulong)Parts);
    }

    /// <exception cref="InvalidDataException">A format that this version does not read.</exception>
    public static EditionRecord Read(ReadOnlySpan<byte> value)
    {
        var reader = new ByteReader(value);
        var format = reader.Byte();
        if (format != Format)
            throw new InvalidDataException($"the changelog's change set has format {format}, this version reads {Format}: it was written by a newer version; start that one");
        return new(reader.Int64(), reader.Int64(), (long)reader.Varint(), reader.Count());
    }
}
