namespace CohortPipeline.Contracts;

/// <summary>The wire names of <see cref="ActivityType"/>.</summary>
public static class ActivityTypes
{
    public static ReadOnlySpan<byte> Name(ActivityType type) => type switch
    {
        ActivityType.Event => "event"u8,
        ActivityType.Identify => "identify"u8,
        ActivityType.Watermark => "watermark"u8,
        ActivityType.Definition => "definition"u8,
        ActivityType.Live => "live"u8,
        ActivityType.Link => "link"u8,
        ActivityType.Merge => "merge"u8,
        ActivityType.Forget => "forget"u8,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "no such record type"),
    };

    public static bool TryParse(ReadOnlySpan<byte> name, out ActivityType type)
    {
        for (type = ActivityType.Event; type <= ActivityType.Forget; type++)
        {
            if (Name(type).SequenceEqual(name))
                return true;
        }

        return false;
    }
}
