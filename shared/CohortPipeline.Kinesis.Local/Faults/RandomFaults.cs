namespace CohortPipeline.Kinesis.Local;

/// <summary>How often what goes wrong; shares of 1.</summary>
public sealed record FaultShares
{
    /// <summary>Entries that fail with <c>InternalFailure</c>.</summary>
    public double FailedEntries { get; init; }

    /// <summary>Entries that fail with <c>ProvisionedThroughputExceededException</c>, whatever the rate is.</summary>
    public double ThrottledEntries { get; init; }

    /// <summary>Calls that are answered with status 500.</summary>
    public double FailedCalls { get; init; }

    /// <summary>Calls that are stored and not answered.</summary>
    public double Unanswered { get; init; }

    /// <summary>Calls that are not answered, and stored after up to <see cref="LatenessMax"/>.</summary>
    public double Late { get; init; }

    public TimeSpan LatenessMax { get; init; } = TimeSpan.FromSeconds(2);
}

/// <summary>Faults by chance: the same seed, call and place have the same fate.</summary>
public sealed class RandomFaults(ulong seed, FaultShares shares) : IPutFaults
{
    private const int CallPlace = -1;
    private const int LatenessPlace = -2;

    public CallFate OnCall(in PutCall call)
    {
        var drawn = Draw(call.Number, CallPlace);
        if (drawn < shares.FailedCalls)
            return CallFate.Refused(KinesisError.InternalFailure);
        drawn -= shares.FailedCalls;
        if (drawn < shares.Unanswered)
            return CallFate.StoredUnanswered();
        return drawn - shares.Unanswered < shares.Late ? CallFate.StoredLate(shares.LatenessMax * Draw(call.Number, LatenessPlace)) : default;
    }

    public KinesisError? OnEntry(in PutCall call, int place, ReadOnlySpan<byte> partitionKey, string shardId)
    {
        var drawn = Draw(call.Number, place);
        if (drawn < shares.FailedEntries)
            return KinesisError.InternalFailure;
        return drawn - shares.FailedEntries < shares.ThrottledEntries ? KinesisError.Throttled(shardId, call.Stream) : null;
    }

    /// <summary>A number in [0, 1).</summary>
    private double Draw(long call, int place) => (Mix(seed ^ Mix((ulong)call ^ Mix((ulong)place))) >> 11) * (1.0 / (1UL << 53));

    /// <summary>SplitMix64.</summary>
    private static ulong Mix(ulong value)
    {
        value += 0x9e3779b97f4a7c15;
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
        value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
        return value ^ (value >> 31);
    }
}
