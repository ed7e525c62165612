using System.Buffers;
using CohortPipeline.Rules.Values;

namespace CohortPipeline.Rules.Identify;

internal enum ListChange
{
    None,

    /// <summary>The new value was written.</summary>
    Replaced,

    /// <summary>A scalar that was removed leaves no value.</summary>
    Deleted,
}

/// <summary>The operations that see a property as a list: a scalar or object is a list with it alone, no value an empty one.</summary>
internal sealed class ListOperation
{
    private readonly List<(int Start, int Length)> _added = [];

    /// <param name="operation">One from <see cref="IdentifyOperation.Append"/> on.</param>
    /// <param name="present">Empty for no value.</param>
    /// <param name="operand">A list stands for each of its values; nulls are ignored.</param>
    /// <param name="output">Takes the new value.</param>
    public ListChange Apply(IdentifyOperation operation, ReadOnlySpan<byte> present, ReadOnlySpan<byte> operand, IBufferWriter<byte> output)
    {
        FindValues(operand);
        if (_added.Count == 0)
            return ListChange.None;
        if (operation == IdentifyOperation.Remove)
            return Remove(present, operand, output);
        if (operation is IdentifyOperation.PreInsert or IdentifyOperation.PostInsert)
            DropPresent(present, operand);
        if (_added.Count == 0)
            return ListChange.None;
        var writer = new ListWriter(output);
        if (operation is IdentifyOperation.Prepend or IdentifyOperation.PreInsert)
        {
            WriteAdded(operand, ref writer);
            WritePresent(present, ref writer);
        }
        else
        {
            WritePresent(present, ref writer);
            WriteAdded(operand, ref writer);
        }

        writer.End();
        return ListChange.Replaced;
    }

    private void FindValues(ReadOnlySpan<byte> operand)
    {
        _added.Clear();
        var kind = RawJson.KindOf(operand);
        if (kind == RawKind.Array)
        {
            foreach (var element in new RawElements(operand))
            {
                if (RawJson.KindOf(operand[element]) != RawKind.Null)
                    _added.Add(element.GetOffsetAndLength(operand.Length));
            }
        }
        else if (kind != RawKind.Null)
        {
            _added.Add((0, operand.Length));
        }
    }

    private void DropPresent(ReadOnlySpan<byte> present, ReadOnlySpan<byte> operand)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        if (IsList(present))
        {
            foreach (var element in new RawElements(present))
                known.Add(EqualityKey.Of(present[element]));
        }
        else if (!present.IsEmpty)
        {
            known.Add(EqualityKey.Of(present));
        }

        var kept = 0;
        for (var i = 0; i < _added.Count; i++)
        {
            var (start, length) = _added[i];
            if (known.Add(EqualityKey.Of(operand.Slice(start, length))))
                _added[kept++] = _added[i];
        }

        _added.RemoveRange(kept, _added.Count - kept);
    }

    private ListChange Remove(ReadOnlySpan<byte> present, ReadOnlySpan<byte> operand, IBufferWriter<byte> output)
    {
        if (present.IsEmpty)
            return ListChange.None;
        var removed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (start, length) in _added)
            removed.Add(EqualityKey.Of(operand.Slice(start, length)));
        if (!IsList(present))
            return removed.Contains(EqualityKey.Of(present)) ? ListChange.Deleted : ListChange.None;
        var writer = new ListWriter(output);
        foreach (var element in new RawElements(present))
        {
            if (!removed.Contains(EqualityKey.Of(present[element])))
                writer.Add(present[element]);
        }

        writer.End();
        return ListChange.Replaced;
    }

    private void WriteAdded(ReadOnlySpan<byte> operand, ref ListWriter writer)
    {
        foreach (var (start, length) in _added)
            writer.Add(operand.Slice(start, length));
    }

    private static void WritePresent(ReadOnlySpan<byte> present, ref ListWriter writer)
    {
        if (IsList(present))
        {
            foreach (var element in new RawElements(present))
                writer.Add(present[element]);
        }
        else if (!present.IsEmpty)
        {
            writer.Add(present);
        }
    }

    private static bool IsList(ReadOnlySpan<byte> value) => !value.IsEmpty && RawJson.KindOf(value) == RawKind.Array;

    private struct ListWriter(IBufferWriter<byte> output)
    {
        private bool _started;

        public void Add(ReadOnlySpan<byte> value)
        {
            output.Write(_started ? ","u8 : "["u8);
            _started = true;
            RawJson.WriteCompact(value, output);
        }

        public readonly void End() => output.Write(_started ? "]"u8 : "[]"u8);
    }
}
