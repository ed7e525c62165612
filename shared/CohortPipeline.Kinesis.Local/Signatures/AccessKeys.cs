using System.Collections.Concurrent;

namespace CohortPipeline.Kinesis.Local;

/// <summary>Who may call.</summary>
/// <param name="SessionToken">With the key of a session; null for a user's own.</param>
/// <param name="Expires">When a session ends.</param>
public sealed record AccessKey(string Id, string Secret, string? SessionToken = null, DateTimeOffset? Expires = null);

/// <summary>The access keys that a server knows; they can come and go while it runs.</summary>
public sealed class AccessKeys
{
    private readonly ConcurrentDictionary<string, AccessKey> _keys = new(StringComparer.Ordinal);

    /// <summary>Adds a key, or takes the place of one with its id.</summary>
    public void Set(AccessKey key) => _keys[key.Id] = key;

    public void Remove(string id) => _keys.TryRemove(id, out _);

    internal AccessKey? Find(string id) => _keys.GetValueOrDefault(id);
}
