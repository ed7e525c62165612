namespace CohortPipeline.Contracts;

/// <summary>The kinds of records in <c>activity</c>, by their <c>type</c> on the wire.</summary>
public enum ActivityType
{
    Event,
    Identify,
    Watermark,
    Definition,
    Live,
    Link,
    Merge,
    Forget,
}

/// <summary>
/// A record of <c>activity</c>, borrowed from the bytes it was read from or is written from. Texts are unescaped UTF-8,
/// objects raw JSON; an empty span is an absent member. Which members a type has stands in <c>docs/spec/inputs.md</c> §7.
/// </summary>
public ref struct ActivityRecord
{
    public ActivityType Type;

    /// <summary>Event type of an <c>event</c>.</summary>
    public ReadOnlySpan<byte> Event;

    /// <summary>The record's timestamp <c>L</c>, epoch milliseconds.</summary>
    public long Timestamp;

    public ReadOnlySpan<byte> UserId;

    public ReadOnlySpan<byte> DeviceId;

    /// <summary>The payload's own time, epoch milliseconds; null if it has none.</summary>
    public long? Time;

    public ReadOnlySpan<byte> InsertId;

    /// <summary>Where the record came from: topic, partition, offset, place in a batch.</summary>
    public ActivitySource Source;

    /// <summary>Offset of the device's record that this one repeats.</summary>
    public long? Moved;

    /// <summary>Profile keys a redirected record came through: a JSON array of texts.</summary>
    public ReadOnlySpan<byte> Via;

    /// <summary>Identify operations (see <c>docs/spec/inputs.md</c> §5) in normalized form: an object of operations only, bare properties under <c>$set</c>.</summary>
    public ReadOnlySpan<byte> UserProperties;

    public ReadOnlySpan<byte> Properties;

    public ReadOnlySpan<byte> Context;

    /// <summary>Of a <c>watermark</c>: the source topic, its number of partitions, and <c>{partition: T}</c>; or <see cref="Until"/> alone.</summary>
    public ReadOnlySpan<byte> Topic;

    public int PartitionCount;

    public ReadOnlySpan<byte> Read;

    public long? Until;

    /// <summary>Of a <c>definition</c>: the change set's id, this part of its parts, and what is defined; no definition: the cohort is deleted.</summary>
    public ReadOnlySpan<byte> Change;

    public int Part;

    public int Parts;

    public ReadOnlySpan<byte> CohortId;

    public int Version;

    public ReadOnlySpan<byte> Definition;

    /// <summary>Of a <c>merge</c>: the profile key it comes from, its first-seen instant and its behaviors in base64.</summary>
    public ReadOnlySpan<byte> From;

    public long FirstSeenAt;

    public ReadOnlySpan<byte> State;
}

/// <summary>Where a normalized record came from; <see cref="Entry"/> is its place in a batch, else 0.</summary>
public readonly ref struct ActivitySource(ReadOnlySpan<byte> topic, int partition, long offset, int entry)
{
    public ReadOnlySpan<byte> Topic { get; } = topic;

    public int Partition { get; } = partition;

    public long Offset { get; } = offset;

    public int Entry { get; } = entry;

    public bool Exists => !Topic.IsEmpty;
}
