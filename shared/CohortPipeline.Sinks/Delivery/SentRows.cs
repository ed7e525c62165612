using System.IO.Hashing;

namespace CohortPipeline.Sinks;

/// <summary>
/// The rows that a start has sent: while it reads, so that a later row of the same key is seen as a change, and then until no
/// delta to come can be older than one of them, so that none is sent again. Some 60 bytes a row.
/// </summary>
public sealed class SentRows
{
    private readonly Dictionary<UInt128, (long At, long Version)> _rows = [];
    private readonly XxHash128 _hash = new();

    /// <summary>A row was sent, perhaps in place of an earlier one of its key.</summary>
    /// <param name="cohortId">Of the row's key.</param>
    /// <param name="profileKey">Of the row's key.</param>
    /// <param name="at">The row's instant.</param>
    /// <param name="version">The row's version.</param>
    public void Add(ReadOnlySpan<byte> cohortId, ReadOnlySpan<byte> profileKey, long at, long version) =>
        _rows[Hash(cohortId, profileKey)] = (at, version);

    /// <summary>Whether any row of this key was sent.</summary>
    public bool Has(ReadOnlySpan<byte> cohortId, ReadOnlySpan<byte> profileKey) => _rows.ContainsKey(Hash(cohortId, profileKey));

    /// <summary>Whether the row of this key, as it was sent, is as new as a change.</summary>
    public bool Covers(ReadOnlySpan<byte> cohortId, ReadOnlySpan<byte> profileKey, long at, long version) =>
        _rows.Count > 0 && _rows.TryGetValue(Hash(cohortId, profileKey), out var row) && (at, version).CompareTo(row) <= 0;

    /// <summary>128 bits stand for a row: two never share them.</summary>
    private UInt128 Hash(ReadOnlySpan<byte> cohortId, ReadOnlySpan<byte> profileKey)
    {
        _hash.Reset();
        _hash.Append(cohortId);
        _hash.Append("/"u8);
        _hash.Append(profileKey);
        return _hash.GetCurrentHashAsUInt128();
    }
}
