using System.Text;
using CohortPipeline.Contracts;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>Ids by which a receiver recognizes a repeat: equal ids mean equal bytes.</summary>
public static class MessageIds
{
    /// <summary><c>&lt;id&gt;::enter::0</c> or <c>&lt;id&gt;::exit::0</c>.</summary>
    public static string OfCohort(string id, MembershipChange change) => $"{id}::{(change == MembershipChange.Enter ? "enter" : "exit")}::0";

    /// <summary>
    /// The id of a record of several users: the first 22 characters of base64url of SHA-256 over their delta ids, in order. Of
    /// one user it is the delta id itself.
    /// </summary>
    /// <param name="deltaIds">Delta ids of <see cref="DeltaId.Length"/> characters each, one behind the other.</param>
    public static string OfUsers(ReadOnlySpan<byte> deltaIds)
    {
        if (deltaIds.Length == DeltaId.Length)
            return Encoding.ASCII.GetString(deltaIds);
        Span<byte> id = stackalloc byte[DeltaId.Length];
        DeltaId.WriteHash(deltaIds, id);
        return Encoding.ASCII.GetString(id);
    }
}
