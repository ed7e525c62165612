namespace CohortPipeline.Contracts;

/// <summary>
/// Reads deltas exactly as <see cref="DeltaWriter"/> wrote them, members in their order: nearly every one, at a part of what
/// the platform's JSON reader takes for it.
/// </summary>
internal static class DeltaScanner
{
    /// <summary>False for a delta that is written otherwise, or is none: then nothing is known of it.</summary>
    public static bool TryScan(ReadOnlySpan<byte> value, ref Delta delta)
    {
        var cursor = new CompactCursor(value);
        return cursor.TryTake("{\"delta_id\":\""u8) && cursor.TryText(out delta.Id)
            && cursor.TryTake(",\"cohort_id\":\""u8) && cursor.TryText(out delta.CohortId)
            && cursor.TryTake(",\"cohort_name\":\""u8) && cursor.TryText(out delta.CohortName)
            && TryInteger(ref cursor, ",\"definition_version\":"u8, out delta.DefinitionVersion)
            && TryUser(ref cursor, ref delta)
            && TryChange(ref cursor, ref delta)
            && TryTimes(ref cursor, ref delta)
            && TryPlace(ref cursor, ref delta)
            && cursor.TryTake("}"u8)
            && cursor.IsAtEnd;
    }

    private static bool TryUser(ref CompactCursor cursor, ref Delta delta) =>
        (!cursor.TryTake(",\"user_id\":\""u8) || cursor.TryText(out delta.UserId))
        && (!cursor.TryTake(",\"device_id\":\""u8) || cursor.TryText(out delta.DeviceId))
        && cursor.TryTake(",\"amplitude_id\":"u8)
        && cursor.TryInteger(out delta.AmplitudeId);

    private static bool TryChange(ref CompactCursor cursor, ref Delta delta)
    {
        if (!cursor.TryTake(",\"change\":\"e"u8))
            return false;
        delta.Change = cursor.TryTake("nter\""u8) ? MembershipChange.Enter : MembershipChange.Exit;
        return (delta.Change == MembershipChange.Enter || cursor.TryTake("xit\""u8))
            && cursor.TryTake(",\"reason\":\""u8)
            && cursor.TryText(out var reason)
            && DeltaReasons.TryParse(reason, out delta.Reason);
    }

    private static bool TryTimes(ref CompactCursor cursor, ref Delta delta)
    {
        if (!TryTime(ref cursor, ",\"at\":\""u8, out delta.At) || !TryTime(ref cursor, ",\"entered_at\":\""u8, out delta.EnteredAt))
            return false;
        if (cursor.TryTake(",\"exited_at\":\""u8))
        {
            if (!TryTime(ref cursor, default, out var exitedAt))
                return false;
            delta.ExitedAt = exitedAt;
        }

        return cursor.TryTake(",\"computed_at\":"u8)
            && cursor.TryInteger(out delta.ComputedAt)
            && TryTime(ref cursor, ",\"first_seen_at\":\""u8, out delta.FirstSeenAt);
    }

    private static bool TryPlace(ref CompactCursor cursor, ref Delta delta) =>
        cursor.TryTake(",\"version\":"u8)
        && cursor.TryInteger(out delta.Version)
        && TryInteger(ref cursor, ",\"part\":"u8, out delta.Part)
        && TryInteger(ref cursor, ",\"parts\":"u8, out delta.Parts)
        && (!cursor.TryTake(",\"properties\":"u8) || cursor.TryValue(out delta.Properties))
        && TrySource(ref cursor, ref delta);

    private static bool TrySource(ref CompactCursor cursor, ref Delta delta) =>
        !cursor.TryTake(",\"source\":{"u8)
        || (TryInteger(ref cursor, "\"partition\":"u8, out delta.SourcePartition)
            && cursor.TryTake(",\"offset\":"u8)
            && cursor.TryInteger(out delta.SourceOffset)
            && cursor.TryTake("}"u8));

    private static bool TryTime(ref CompactCursor cursor, ReadOnlySpan<byte> opening, out long instant)
    {
        instant = 0;
        return cursor.TryTake(opening) && cursor.TryText(out var text) && Instant.TryParseRfc3339(text, out instant);
    }

    private static bool TryInteger(ref CompactCursor cursor, ReadOnlySpan<byte> opening, out int value)
    {
        value = 0;
        if (!cursor.TryTake(opening) || !cursor.TryInteger(out var integer) || integer is < int.MinValue or > int.MaxValue)
            return false;
        value = (int)integer;
        return true;
    }
}
