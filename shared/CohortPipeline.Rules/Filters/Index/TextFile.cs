using System.Numerics;
using System.Text;
using CohortPipeline.Contracts;

namespace CohortPipeline.Rules.Filters.Index;

/// <summary>
/// Texts, each with the filters that are filed under it. With many definitions a lookup waits for memory and for nothing
/// else: so it takes two places, a slot and the text that the slot is of.
/// </summary>
internal sealed class TextFile
{
    private readonly Slot[] _slots;
    private readonly byte[] _texts;
    private readonly int[] _filters;

    /// <param name="filed">A filter may stand under several texts, and a text have several filters.</param>
    public TextFile(IEnumerable<(string Text, int Filter)> filed)
    {
        var groups = filed.GroupBy(entry => entry.Text, entry => entry.Filter, StringComparer.Ordinal).ToArray();
        _slots = new Slot[groups.Length == 0 ? 0 : BitOperations.RoundUpToPowerOf2((uint)groups.Length * 2)];
        var (texts, filters) = (new List<byte>(), new List<int>());
        foreach (var group in groups)
        {
            var text = Encoding.UTF8.GetBytes(group.Key);
            var hash = Partitioner.Murmur2(text);
            var place = hash & (uint)(_slots.Length - 1);
            while (_slots[place].FilterCount > 0)
                place = (place + 1) & (uint)(_slots.Length - 1);
            _slots[place] = new(hash, texts.Count, text.Length, filters.Count, group.Count());
            texts.AddRange(text);
            filters.AddRange(group);
        }

        (_texts, _filters) = ([.. texts], [.. filters]);
    }

    public ReadOnlySpan<int> Find(ReadOnlySpan<byte> text)
    {
        if (_slots.Length == 0)
            return [];
        var hash = Partitioner.Murmur2(text);
        for (var place = hash & (uint)(_slots.Length - 1); ; place = (place + 1) & (uint)(_slots.Length - 1))
        {
            ref readonly var slot = ref _slots[place];
            if (slot.FilterCount == 0)
                return [];
            if (slot.Hash == hash && _texts.AsSpan(slot.TextStart, slot.TextLength).SequenceEqual(text))
                return _filters.AsSpan(slot.FilterStart, slot.FilterCount);
        }
    }

    /// <param name="FilterCount">0 where the slot is free.</param>
    private readonly record struct Slot(uint Hash, int TextStart, int TextLength, int FilterStart, int FilterCount);
}
