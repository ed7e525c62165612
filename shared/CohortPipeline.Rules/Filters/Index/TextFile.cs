using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using CohortPipeline.Contracts;

namespace CohortPipeline.Rules.Filters.Index;

/// <summary>
/// Texts, each with the filters that are filed under it. With many definitions a lookup waits for memory and for nothing
/// else: so it takes two places, a slot, of which four share what is fetched at once, and the text that the slot is of.
/// </summary>
internal sealed class TextFile
{
    private const int LengthBytes = sizeof(int);

    private readonly Slot[] _slots;

    /// <summary>Each with its length before it.</summary>
    private readonly byte[] _texts;

    /// <summary>Of texts that have several.</summary>
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
            while (_slots[place].Count > 0)
                place = (place + 1) & (uint)(_slots.Length - 1);
            var several = group.ToArray();
            _slots[place] = new() { Hash = hash, TextStart = texts.Count, Count = several.Length, Filters = several.Length == 1 ? several[0] : filters.Count };
            texts.AddRange(BitConverter.GetBytes(text.Length));
            texts.AddRange(text);
            if (several.Length > 1)
                filters.AddRange(several);
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
            if (slot.Count == 0)
                return [];
            if (slot.Hash == hash && TextAt(slot.TextStart).SequenceEqual(text))
                return slot.Count == 1 ? MemoryMarshal.CreateReadOnlySpan(in slot.Filters, 1) : _filters.AsSpan(slot.Filters, slot.Count);
        }
    }

    private ReadOnlySpan<byte> TextAt(int start) => _texts.AsSpan(start + LengthBytes, MemoryMarshal.Read<int>(_texts.AsSpan(start)));

    private struct Slot
    {
        public uint Hash;
        public int TextStart;

        /// <summary>The filter; of several, where they begin.</summary>
        public int Filters;

        /// <summary>Of filters; 0 where the slot is free.</summary>
        public int Count;
    }
}
