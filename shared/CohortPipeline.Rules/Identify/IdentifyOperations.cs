using System.Buffers;
using System.Globalization;
using CohortPipeline.Rules.Properties;
using CohortPipeline.Rules.Values;

namespace CohortPipeline.Rules.Identify;

/// <summary>
/// The identify operations of <c>docs/spec/inputs.md</c> §5 on a bag of properties. Pure but for its scratch memory; one lane
/// uses an object of it.
/// </summary>
public sealed class IdentifyOperations
{
    /// <summary>Most properties of a profile.</summary>
    public const int PropertiesMax = 1000;

    /// <summary>Most bytes of a profile's properties as one compact JSON object.</summary>
    public const int PropertiesBytesMax = 64 * 1024;

    private const int DecimalTextMax = 64;

    private readonly PropertyBag _operations = new();
    private readonly ArrayBufferWriter<byte> _value = new();
    private readonly ListOperation _lists = new();
    private byte[] _name = new byte[64];

    /// <summary>
    /// Applies the operations, in the fixed order of the specification and not that of the JSON. <paramref name="json"/> is
    /// the normalized form: an object of operations only (bare properties stand under <c>$set</c>). What is no operation, or
    /// no operand, was refused at ingest and is passed over here.
    /// </summary>
    public void Apply(ReadOnlySpan<byte> json, PropertyBag properties, IdentifyOutcome outcome)
    {
        outcome.Clear();
        _operations.Load(json);
        if (_operations.IndexOf("$clearAll"u8) >= 0)
            ClearAll(properties, outcome);
        for (var operation = IdentifyOperation.Unset; operation <= IdentifyOperation.Remove; operation++)
        {
            var index = _operations.IndexOf(NameOf(operation));
            if (index >= 0 && RawJson.KindOf(_operations.ValueAt(index)) == RawKind.Object)
                ApplyEach(operation, _operations.ValueAt(index), properties, outcome);
        }

        outcome.Settle(properties);
    }

    private static ReadOnlySpan<byte> NameOf(IdentifyOperation operation) => operation switch
    {
        IdentifyOperation.Unset => "$unset"u8,
        IdentifyOperation.Set => "$set"u8,
        IdentifyOperation.SetOnce => "$setOnce"u8,
        IdentifyOperation.Add => "$add"u8,
        IdentifyOperation.Append => "$append"u8,
        IdentifyOperation.Prepend => "$prepend"u8,
        IdentifyOperation.PreInsert => "$preInsert"u8,
        IdentifyOperation.PostInsert => "$postInsert"u8,
        _ => "$remove"u8,
    };

    private static void ClearAll(PropertyBag properties, IdentifyOutcome outcome)
    {
        for (var i = 0; i < properties.Count; i++)
            outcome.Touch(properties.NameAt(i), properties.ValueAt(i));
        properties.Clear();
    }

    private void ApplyEach(IdentifyOperation operation, ReadOnlySpan<byte> operands, PropertyBag properties, IdentifyOutcome outcome)
    {
        foreach (var member in new RawMembers(operands))
            ApplyOne(operation, Unescaped(operands[member.Name]), operands[member.Value], properties, outcome);
    }

    private ReadOnlySpan<byte> Unescaped(ReadOnlySpan<byte> name)
    {
        if (_name.Length < name.Length)
            _name = new byte[name.Length * 2];
        return _name.AsSpan(0, JsonEscapes.Undo(name, _name));
    }

    private void ApplyOne(IdentifyOperation operation, ReadOnlySpan<byte> name, ReadOnlySpan<byte> operand, PropertyBag properties, IdentifyOutcome outcome)
    {
        var index = properties.IndexOf(name);
        var isNull = RawJson.KindOf(operand) == RawKind.Null;
        switch (operation)
        {
            case IdentifyOperation.Unset:
            case IdentifyOperation.Set when isNull:
                Delete(index, properties, outcome);
                break;
            case IdentifyOperation.Set:
            case IdentifyOperation.SetOnce when index < 0 && !isNull:
                _value.ResetWrittenCount();
                RawJson.WriteCompact(operand, _value);
                Set(name, index, properties, outcome);
                break;
            case IdentifyOperation.SetOnce:
                break;
            case IdentifyOperation.Add:
                Add(name, index, operand, properties, outcome);
                break;
            default:
                ApplyToList(operation, name, index, operand, properties, outcome);
                break;
        }
    }

    private static void Delete(int index, PropertyBag properties, IdentifyOutcome outcome)
    {
        if (index < 0)
            return;
        outcome.Touch(properties.NameAt(index), properties.ValueAt(index));
        properties.RemoveAt(index);
    }

    /// <summary>Sets the property to what stands in the scratch, if the bounds allow it.</summary>
    private void Set(ReadOnlySpan<byte> name, int index, PropertyBag properties, IdentifyOutcome outcome)
    {
        var value = _value.WrittenSpan;
        if (index >= 0 && properties.ValueAt(index).SequenceEqual(value))
            return;
        var isNew = index < 0;
        var grown = isNew
            ? PropertyBag.JsonLengthOf(name, value) + (properties.Count > 0 ? 1 : 0)
            : value.Length - properties.ValueAt(index).Length;
        if ((isNew && properties.Count == PropertiesMax) || (grown > 0 && properties.JsonLength + grown > PropertiesBytesMax))
        {
            outcome.Refuse();
            return;
        }

        outcome.Touch(name, isNew ? default : properties.ValueAt(index));
        properties.Set(name, value);
    }

    private void Add(ReadOnlySpan<byte> name, int index, ReadOnlySpan<byte> operand, PropertyBag properties, IdentifyOutcome outcome)
    {
        if (!Scalar.TryNumber(operand, out var added))
            return;
        var present = 0m;
        if ((index >= 0 && !Scalar.TryNumber(properties.ValueAt(index), out present)) || !TrySum(present, added, out var sum))
        {
            outcome.LeaveUnadded();
            return;
        }

        _value.ResetWrittenCount();
        sum.TryFormat(_value.GetSpan(DecimalTextMax), out var written, provider: CultureInfo.InvariantCulture);
        _value.Advance(written);
        Set(name, index, properties, outcome);
    }

    private static bool TrySum(decimal left, decimal right, out decimal sum)
    {
        try
        {
            sum = left + right;
            return true;
        }
        catch (OverflowException)
        {
            sum = 0;
            return false;
        }
    }

    private void ApplyToList(IdentifyOperation operation, ReadOnlySpan<byte> name, int index, ReadOnlySpan<byte> operand, PropertyBag properties, IdentifyOutcome outcome)
    {
        _value.ResetWrittenCount();
        var present = index < 0 ? default : properties.ValueAt(index);
        switch (_lists.Apply(operation, present, operand, _value))
        {
            case ListChange.Replaced: Set(name, index, properties, outcome); break;
            case ListChange.Deleted: Delete(index, properties, outcome); break;
            default: break;
        }
    }
}
