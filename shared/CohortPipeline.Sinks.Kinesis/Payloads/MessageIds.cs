using CohortPipeline.Contracts;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>Ids by which a receiver recognizes a repeat: equal ids mean equal bytes.</summary>
public static class MessageIds
{
    /// <summary>Length of an id of <see cref="WriteOfCohort"/>, at most.</summary>
    public const int OfCohortLengthMax = DeltaId.Length + 10;

    /// <summary><c>&lt;id&gt;::enter::0</c> or <c>&lt;id&gt;::exit::0</c>; answers its length.</summary>
    /// <param name="id">Of <see cref="DeltaId.Length"/> characters.</param>
    /// <param name="change">The direction.</param>
    /// <param name="destination">Has <see cref="OfCohortLengthMax"/> bytes.</param>
    public static int WriteOfCohort(ReadOnlySpan<byte> id, MembershipChange change, Span<byte> destination)
    {
        var direction = change == MembershipChange.Enter ? "::enter::0"u8 : "::exit::0"u8;
        id.CopyTo(destination);
        direction.CopyTo(destination[id.Length..]);
        return id.Length + direction.Length;
    }

    /// <summary>
    /// The id of a record of several users: the first 22 characters of base64url of SHA-256 over their delta ids, in order. Of
    /// one user it is the delta id itself.
    /// </summary>
    /// <param name="deltaIds">Delta ids of <see cref="DeltaId.Length"/> characters each, one behind the other.</param>
    /// <param name="destination">Has <see cref="DeltaId.Length"/> bytes.</param>
    public static void WriteOfUsers(ReadOnlySpan<byte> deltaIds, Span<byte> destination)
    {
        if (deltaIds.Length == DeltaId.Length)
            deltaIds.CopyTo(destination);
        else
            DeltaId.WriteHash(deltaIds, destination);
    }
}
