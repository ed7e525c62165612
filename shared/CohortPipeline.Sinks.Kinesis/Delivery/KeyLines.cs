using System.Runtime.InteropServices;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>
/// A line for every order key: records stand in the lines of all their keys, in the order in which they came, and only the
/// first of a line may move. The places are slots of one array, used again.
/// </summary>
internal sealed class KeyLines
{
    private const int None = -1;

    private readonly Dictionary<ulong, Line> _lines = [];
    private Place[] _places = new Place[256];
    private int _used;
    private int _free = None;

    /// <summary>Puts a record at the end of a key's line; true if nothing stands before it.</summary>
    public bool Append(ulong key, OutboundRecord record)
    {
        var slot = Take(record);
        ref var line = ref CollectionsMarshal.GetValueRefOrAddDefault(_lines, key, out var exists);
        if (exists)
            _places[line.Last].Next = slot;
        else
            line.First = slot;
        line.Last = slot;
        return !exists;
    }

    /// <summary>Takes the first record out of a key's line; answers who is first now, null for nobody.</summary>
    public OutboundRecord? RemoveFirst(ulong key)
    {
        ref var line = ref CollectionsMarshal.GetValueRefOrNullRef(_lines, key);
        var slot = line.First;
        var next = _places[slot].Next;
        _places[slot] = new() { Next = _free };
        _free = slot;
        if (next == None)
        {
            _lines.Remove(key);
            return null;
        }

        line.First = next;
        return _places[next].Record;
    }

    /// <summary>Everyone in any line, those with several keys as often.</summary>
    public IEnumerable<OutboundRecord> Records => _places.Take(_used).Select(place => place.Record).OfType<OutboundRecord>();

    private int Take(OutboundRecord record)
    {
        var slot = _free;
        if (slot != None)
        {
            _free = _places[slot].Next;
        }
        else
        {
            if (_used == _places.Length)
                Array.Resize(ref _places, _places.Length * 2);
            slot = _used++;
        }

        _places[slot] = new() { Record = record, Next = None };
        return slot;
    }

    private struct Line
    {
        public int First;
        public int Last;
    }

    private struct Place
    {
        public OutboundRecord? Record;
        public int Next;
    }
}
