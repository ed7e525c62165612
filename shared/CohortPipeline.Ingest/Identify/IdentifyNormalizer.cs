using System.Buffers;
using System.Text;
using System.Text.Json;
using CohortPipeline.Contracts;

namespace CohortPipeline.Ingest;

/// <summary>
/// Brings identify calls of all shapes to one form: an object of operations alone, in the order in which they apply, each an
/// object from property to operand. Bare properties stand under <c>$set</c>, a bare null under <c>$unset</c>; the operands of
/// <c>$unset</c> and <c>$clearAll</c>, which mean nothing, are <c>"-"</c>.
/// </summary>
internal sealed class IdentifyNormalizer
{
    private readonly ArrayBufferWriter<byte>[] _operands = [.. Enumerable.Range(0, IdentifyOperationNames.Count).Select(_ => new ArrayBufferWriter<byte>())];
    private readonly bool[] _has = new bool[IdentifyOperationNames.Count];
    private readonly ArrayBufferWriter<byte> _result = new();
    private byte[] _name = new byte[64];

    private static ReadOnlySpan<byte> NoOperand => "\"-\""u8;

    public void Clear()
    {
        Array.Clear(_has);
        foreach (var operands in _operands)
            operands.ResetWrittenCount();
    }

    /// <summary>Adds the operations or bare properties of one call.</summary>
    /// <param name="call">A well-formed JSON object.</param>
    /// <param name="isDollarReserved">True in Amplitude's shape, where a name with <c>$</c> must be an operation; elsewhere it is a property.</param>
    public Rejection Add(ReadOnlySpan<byte> call, bool isDollarReserved)
    {
        var reader = new Utf8JsonReader(call, JsonText.ReaderOptions);
        reader.Read();
        var hasBare = false;
        var hasOperation = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var nameStart = (int)reader.TokenStartIndex;
            var name = NameOf(ref reader);
            if (IdentifyOperationNames.TryParse(name, out var operation))
            {
                hasOperation = true;
                reader.Read();
                if (AddOperation(ref reader, call, operation) is { Exists: true } rejection)
                    return rejection;
            }
            else if (isDollarReserved && name.StartsWith("$"u8))
            {
                return new(DeadLetterReason.UnknownOperation, $"`{Encoding.UTF8.GetString(name)}` is no identify operation");
            }
            else
            {
                hasBare = true;
                AddBare(ref reader, call, nameStart);
            }
        }

        return hasBare && hasOperation
            ? new(DeadLetterReason.MixedIdentify, "operations and bare properties in one call")
            : default;
    }

    /// <summary>Adds a property to set, beside what a call says; the name is JSON, with its quotes.</summary>
    public void Set(ReadOnlySpan<byte> quotedName, ReadOnlySpan<byte> value)
    {
        var operands = Open(IdentifyOperation.Set);
        operands.Write(quotedName);
        operands.Write(":"u8);
        CompactJson.Append(value, operands);
    }

    /// <summary>The normalized call, borrowed until the next one.</summary>
    public ReadOnlySpan<byte> Normalized()
    {
        _result.ResetWrittenCount();
        _result.Write("{"u8);
        for (var operation = IdentifyOperation.ClearAll; operation <= IdentifyOperation.Remove; operation++)
        {
            if (!_has[(int)operation])
                continue;
            _result.Write(_result.WrittenCount > 1 ? ",\""u8 : "\""u8);
            _result.Write(IdentifyOperationNames.Of(operation));
            _result.Write("\":"u8);
            if (operation == IdentifyOperation.ClearAll)
            {
                _result.Write(NoOperand);
                continue;
            }

            _result.Write("{"u8);
            _result.Write(_operands[(int)operation].WrittenSpan);
            _result.Write("}"u8);
        }

        _result.Write("}"u8);
        return _result.WrittenSpan;
    }

    private void AddBare(ref Utf8JsonReader reader, ReadOnlySpan<byte> call, int nameStart)
    {
        var nameEnd = nameStart + reader.ValueSpan.Length + 2;
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            AddUnset(call[nameStart..nameEnd]);
            return;
        }

        reader.Skip();
        CompactJson.Append(call[nameStart..(int)reader.BytesConsumed], Open(IdentifyOperation.Set));
    }

    /// <summary>Adds the operation at whose operand the reader stands. The last of two with one name counts, as in any JSON object.</summary>
    private Rejection AddOperation(ref Utf8JsonReader reader, ReadOnlySpan<byte> call, IdentifyOperation operation)
    {
        _has[(int)operation] = true;
        _operands[(int)operation].ResetWrittenCount();
        if (operation == IdentifyOperation.ClearAll)
        {
            reader.Skip();
            return default;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
            return new(DeadLetterReason.BadOperand, $"`{Encoding.UTF8.GetString(IdentifyOperationNames.Of(operation))}` takes an object from property to operand, not {Describe(reader.TokenType)}");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var nameStart = (int)reader.TokenStartIndex;
            var nameEnd = nameStart + reader.ValueSpan.Length + 2;
            reader.Read();
            if (operation == IdentifyOperation.Add && !IsNumeric(ref reader))
                return new(DeadLetterReason.BadOperand, $"`$add` of {Encoding.UTF8.GetString(call[nameStart..nameEnd])} takes a number or a text that is one");
            reader.Skip();
            if (operation == IdentifyOperation.Unset)
                AddUnset(call[nameStart..nameEnd]);
            else
                CompactJson.Append(call[nameStart..(int)reader.BytesConsumed], Open(operation));
        }

        return default;
    }

    private void AddUnset(ReadOnlySpan<byte> quotedName)
    {
        var operands = Open(IdentifyOperation.Unset);
        operands.Write(quotedName);
        operands.Write(":"u8);
        operands.Write(NoOperand);
    }

    private ArrayBufferWriter<byte> Open(IdentifyOperation operation)
    {
        _has[(int)operation] = true;
        var operands = _operands[(int)operation];
        if (operands.WrittenCount > 0)
            operands.Write(","u8);
        return operands;
    }

    private bool IsNumeric(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Number => NumericText.TryParse(reader.ValueSpan, out _),
        JsonTokenType.String => NumericText.TryParse(NameOf(ref reader), out _),
        _ => false,
    };

    /// <summary>The text at the reader's token, borrowed until the next call.</summary>
    private ReadOnlySpan<byte> NameOf(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
            return reader.ValueSpan;
        if (_name.Length < reader.ValueSpan.Length)
            _name = new byte[reader.ValueSpan.Length];
        return _name.AsSpan(0, reader.CopyString(_name));
    }

    private static string Describe(JsonTokenType type) => type switch
    {
        JsonTokenType.StartArray => "a list",
        JsonTokenType.String => "a text",
        JsonTokenType.Number => "a number",
        JsonTokenType.Null => "null",
        _ => "a boolean",
    };
}
