using System.IO.Hashing;

namespace CohortPipeline.Control;

/// <summary>Members now, and enters and exits since the first delta that the log still holds.</summary>
public readonly record struct CohortCount(long Members, long Enters, long Exits);

/// <summary>
/// What one cohort's rows and deltas add up to. Members are kept as 64-bit hashes of their keys, about 20 bytes each; rows
/// are written again while a membership lasts, so a plain counter would not do.
/// </summary>
internal sealed class CohortTally
{
    private readonly HashSet<ulong> _members = [];
    private long _enters;
    private long _exits;

    public CohortCount Count => new(_members.Count, _enters, _exits);

    public void Row(ReadOnlySpan<byte> profileKey, bool isMember)
    {
        var hash = XxHash64.HashToUInt64(profileKey);
        if (isMember)
            _members.Add(hash);
        else
            _members.Remove(hash);
    }

    public void Delta(bool isEnter)
    {
        if (isEnter)
            _enters++;
        else
            _exits++;
    }
}
