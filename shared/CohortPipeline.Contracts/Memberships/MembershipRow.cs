namespace CohortPipeline.Contracts;

/// <summary>
/// The present state of one profile in one cohort: a record of the compacted topic <c>memberships</c>, under the key
/// <c>cohort id/profile key</c>, in the partition of the cohort id. Borrowed, as <see cref="Delta"/> is.
/// </summary>
public ref struct MembershipRow
{
    public bool In;

    public long EnteredAt;

    public long? ExitedAt;

    /// <summary>Instant of the last change, epoch milliseconds.</summary>
    public long At;

    public long Version;

    /// <summary>Whole epoch seconds, as in the delta of the last change.</summary>
    public long ComputedAt;

    public long FirstSeenAt;

    public ReadOnlySpan<byte> UserId;

    public ReadOnlySpan<byte> DeviceId;

    public long AmplitudeId;

    /// <summary>Exported properties as of now: a JSON object, or empty for none.</summary>
    public ReadOnlySpan<byte> Properties;
}
