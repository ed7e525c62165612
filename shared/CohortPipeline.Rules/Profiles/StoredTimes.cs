namespace CohortPipeline.Rules.Profiles;

/// <summary>
/// Times as stored profiles have them: milliseconds from a base that moves on with the profile, so that a time of the last
/// five weeks takes 32 bits.
/// </summary>
internal static class StoredTimes
{
    /// <summary>The base moves in steps of 2^30 ms, some twelve days, and stays three of them behind the last instant.</summary>
    private const int StepBits = 30;

    private const int StepsBehind = 3;

    /// <summary>What times are stored from, of a profile with those first and last instants: less than 2^32 ms before the last one, or the first one.</summary>
    public static long BaseOf(long firstSeenAt, long lastInstant) => firstSeenAt + (Math.Max(0, ((lastInstant - firstSeenAt) >> StepBits) - StepsBehind) << StepBits);
}
