namespace CohortPipeline.Contracts;

public enum MembershipChange
{
    Enter,
    Exit,
}

/// <summary>Why a membership changed; on the wire in lower case.</summary>
public enum DeltaReason
{
    Event,
    Identify,
    Schedule,
    Definition,
    Backfill,
    Merged,
    Forgotten,
}

/// <summary>
/// A membership that changed: a record of <c>membership-deltas</c>, keyed by the profile key. Borrowed from the bytes it
/// was read from or is written from: texts are unescaped UTF-8, <see cref="Properties"/> raw JSON, empty spans absent members.
/// </summary>
public ref struct Delta
{
    /// <summary>22 characters of base64url: see <see cref="DeltaId"/>.</summary>
    public ReadOnlySpan<byte> Id;

    public ReadOnlySpan<byte> CohortId;

    public ReadOnlySpan<byte> CohortName;

    public int DefinitionVersion;

    public ReadOnlySpan<byte> UserId;

    public ReadOnlySpan<byte> DeviceId;

    public long AmplitudeId;

    public MembershipChange Change;

    public DeltaReason Reason;

    /// <summary>The instant of evaluation, epoch milliseconds (RFC 3339 on the wire, like the other instants here).</summary>
    public long At;

    public long EnteredAt;

    /// <summary>Set on exit alone.</summary>
    public long? ExitedAt;

    /// <summary>Whole epoch seconds, rising with every evaluation of a profile that changed something.</summary>
    public long ComputedAt;

    public long FirstSeenAt;

    /// <summary>1, 2, 3 … for each profile.</summary>
    public long Version;

    public int Part;

    public int Parts;

    /// <summary>Exported properties: a JSON object, or empty for none.</summary>
    public ReadOnlySpan<byte> Properties;

    /// <summary>Partition and offset in <c>activity</c> of the record that was applied; -1 for none (a timer).</summary>
    public int SourcePartition;

    public long SourceOffset;

    public readonly bool HasSource => SourcePartition >= 0;
}
