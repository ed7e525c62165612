namespace CohortPipeline.Contracts;

/// <summary>The wire names of <see cref="DeltaReason"/>.</summary>
public static class DeltaReasons
{
    public static ReadOnlySpan<byte> Name(DeltaReason reason) => reason switch
    {
        DeltaReason.Event => "event"u8,
        DeltaReason.Identify => "identify"u8,
        DeltaReason.Schedule => "schedule"u8,
        DeltaReason.Definition => "definition"u8,
        DeltaReason.Backfill => "backfill"u8,
        DeltaReason.Merged => "merged"u8,
        DeltaReason.Forgotten => "forgotten"u8,
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "no such reason"),
    };

    /// <exception cref="FormatException">No reason has that name.</exception>
    public static DeltaReason Parse(ReadOnlySpan<byte> name) =>
        TryParse(name, out var reason) ? reason : throw new FormatException("`reason` is none of cohorts.md §6");

    public static bool TryParse(ReadOnlySpan<byte> name, out DeltaReason reason)
    {
        for (reason = DeltaReason.Event; reason <= DeltaReason.Forgotten; reason++)
        {
            if (Name(reason).SequenceEqual(name))
                return true;
        }

        return false;
    }
}
