namespace CohortPipeline.Rules.Properties;

/// <summary>A part of a bag's bytes.</summary>
internal readonly record struct Slice(int Start, int Length)
{
    public Slice Part(int start, int length) => new(Start + start, length);

    public Slice Part(Range range)
    {
        var (start, length) = range.GetOffsetAndLength(Length);
        return Part(start, length);
    }
}
