using CohortPipeline.Contracts;

namespace CohortPipeline.Control;

/// <summary>A record that a change writes; a null value deletes the key.</summary>
internal sealed record ControlAppend(string Topic, int Partition, byte[] Key, byte[]? Value);

/// <summary>What a change comes to: its answer, and what must be written for it, all or nothing; nothing where nothing changes.</summary>
internal sealed record ControlDraft<T>(T Answer, IReadOnlyList<ControlAppend> Appends);

/// <summary>The rows of a compacted topic, by key, deletions left out.</summary>
internal sealed class TopicRows
{
    private readonly Dictionary<string, byte[]> _rows = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, byte[]> ByKey => _rows;

    public void Apply(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isTombstone)
    {
        var name = System.Text.Encoding.UTF8.GetString(key);
        if (isTombstone)
            _rows.Remove(name);
        else
            _rows[name] = value.ToArray();
    }

    /// <summary>True if appends to this topic were asked for and the rows are as they would leave them.</summary>
    public bool Hold(TopicSpec topic, IReadOnlyList<ControlAppend> appends)
    {
        var own = appends.Where(append => append.Topic == topic.Name).ToArray();
        return own.Length > 0 && Array.TrueForAll(own, Holds);
    }

    private bool Holds(ControlAppend append) =>
        _rows.TryGetValue(System.Text.Encoding.UTF8.GetString(append.Key), out var value)
            ? append.Value is not null && value.AsSpan().SequenceEqual(append.Value)
            : append.Value is null;
}
