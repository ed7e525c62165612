namespace CohortPipeline.Contracts;

/// <summary>
/// Reads events and identify calls of <c>activity</c> exactly as <see cref="ActivityWriter"/> wrote them, members in their
/// order: nearly every record, at a third of what the platform's JSON reader takes for one.
/// </summary>
internal static class ActivityScanner
{
    /// <summary>False for a record that is written otherwise, or is none: then nothing is known of it.</summary>
    public static bool TryScan(ReadOnlySpan<byte> value, ref ActivityRecord record)
    {
        var cursor = new CompactCursor(value);
        if (cursor.TryTake("{\"type\":\"event\",\"event\":\""u8))
        {
            record.Type = ActivityType.Event;
            return cursor.TryText(out record.Event)
                && TryOrigin(ref cursor, ref record)
                && TryObjects(ref cursor, ref record)
                && cursor.TryTake("}"u8)
                && cursor.IsAtEnd;
        }

        record.Type = ActivityType.Identify;
        return cursor.TryTake("{\"type\":\"identify\""u8)
            && TryOrigin(ref cursor, ref record)
            && TryObject(ref cursor, ",\"user_properties\":"u8, ref record.UserProperties)
            && cursor.TryTake("}"u8)
            && cursor.IsAtEnd;
    }

    private static bool TryOrigin(ref CompactCursor cursor, ref ActivityRecord record) =>
        cursor.TryTake(",\"l\":"u8)
        && cursor.TryInteger(out record.Timestamp)
        && TryText(ref cursor, ",\"user_id\":\""u8, ref record.UserId)
        && TryText(ref cursor, ",\"device_id\":\""u8, ref record.DeviceId)
        && TryInteger(ref cursor, ",\"time\":"u8, ref record.Time)
        && TryText(ref cursor, ",\"insert_id\":\""u8, ref record.InsertId)
        && TrySource(ref cursor, ref record)
        && TryInteger(ref cursor, ",\"moved\":"u8, ref record.Moved)
        && TryObject(ref cursor, ",\"via\":"u8, ref record.Via);

    private static bool TryObjects(ref CompactCursor cursor, ref ActivityRecord record) =>
        TryObject(ref cursor, ",\"user_properties\":"u8, ref record.UserProperties)
        && TryObject(ref cursor, ",\"properties\":"u8, ref record.Properties)
        && TryObject(ref cursor, ",\"context\":"u8, ref record.Context);

    private static bool TrySource(ref CompactCursor cursor, ref ActivityRecord record)
    {
        if (!cursor.TryTake(",\"src\":[\""u8))
            return true;
        if (!cursor.TryText(out var topic)
            || !cursor.TryTake(","u8) || !cursor.TryInteger(out var partition) || partition is < int.MinValue or > int.MaxValue
            || !cursor.TryTake(","u8) || !cursor.TryInteger(out var offset)
            || !cursor.TryTake(","u8) || !cursor.TryInteger(out var entry) || entry is < int.MinValue or > int.MaxValue
            || !cursor.TryTake("]"u8))
            return false;
        record.Source = new(topic, (int)partition, offset, (int)entry);
        return true;
    }

    // Members may be absent: false only where one is there and is written otherwise.

    private static bool TryText(ref CompactCursor cursor, ReadOnlySpan<byte> opening, ref ReadOnlySpan<byte> text) =>
        !cursor.TryTake(opening) || cursor.TryText(out text);

    private static bool TryObject(ref CompactCursor cursor, ReadOnlySpan<byte> opening, ref ReadOnlySpan<byte> value) =>
        !cursor.TryTake(opening) || cursor.TryValue(out value);

    private static bool TryInteger(ref CompactCursor cursor, ReadOnlySpan<byte> opening, ref long? value)
    {
        if (!cursor.TryTake(opening))
            return true;
        var isTaken = cursor.TryInteger(out var integer);
        value = integer;
        return isTaken;
    }
}
