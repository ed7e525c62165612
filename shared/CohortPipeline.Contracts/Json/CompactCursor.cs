using System.Buffers;

namespace CohortPipeline.Contracts;

/// <summary>
/// Goes through JSON as our own writers leave it: no white space, no escapes. It answers false at anything else, well-formed
/// or not, and the caller turns to the platform's reader; what it lets pass, that reader takes too.
/// </summary>
public ref struct CompactCursor(ReadOnlySpan<byte> json)
{
    private const int DepthMax = 16;

    /// <summary>As many digits as surely fit 64 bits.</summary>
    private const int DigitsMax = 18;

    private static readonly SearchValues<byte> EndsPlainText = SearchValues.Create([(byte)'"', (byte)'\\', .. Enumerable.Range(0, ' ').Select(control => (byte)control)]);
    private static readonly SearchValues<byte> PartsOfNumbers = SearchValues.Create("+-.0123456789Ee"u8);

    private ReadOnlySpan<byte> _rest = json;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    /// <summary>Bytes from here to the end.</summary>
    public readonly int Left => _rest.Length;

    /// <summary>Steps over exactly these bytes.</summary>
    public bool TryTake(scoped ReadOnlySpan<byte> expected)
    {
        if (!_rest.StartsWith(expected))
            return false;
        _rest = _rest[expected.Length..];
        return true;
    }

    /// <summary>A text behind its opening quote; steps over the closing one.</summary>
    public bool TryText(out ReadOnlySpan<byte> text)
    {
        var end = _rest.IndexOfAny(EndsPlainText);
        if (end < 0 || _rest[end] != '"')
        {
            text = default;
            return false;
        }

        text = _rest[..end];
        _rest = _rest[(end + 1)..];
        return true;
    }

    /// <summary>A whole number without a fraction or exponent.</summary>
    public bool TryInteger(out long value)
    {
        value = 0;
        var sign = !_rest.IsEmpty && _rest[0] == '-' ? 1 : 0;
        var end = sign;
        for (; end < _rest.Length && (uint)(_rest[end] - '0') <= 9; end++)
        {
            if (end - sign == DigitsMax)
                return false;
            value = (value * 10) + _rest[end] - '0';
        }

        if (end == sign || (_rest[sign] == '0' && end > sign + 1) || end == _rest.Length || _rest[end] is (byte)'.' or (byte)'e' or (byte)'E')
            return false;
        if (sign > 0)
            value = -value;
        _rest = _rest[end..];
        return true;
    }

    /// <summary>A value of any kind, as it stands there.</summary>
    public bool TryValue(out ReadOnlySpan<byte> value)
    {
        var all = _rest;
        var isTaken = TrySkip(DepthMax);
        value = isTaken ? all[..(all.Length - _rest.Length)] : default;
        return isTaken;
    }

    private bool TrySkip(int depthLeft)
    {
        if (_rest.IsEmpty)
            return false;
        switch (_rest[0])
        {
            case (byte)'"':
                _rest = _rest[1..];
                return TryText(out _);
            case (byte)'{':
                _rest = _rest[1..];
                return TrySkipMembers(depthLeft - 1);
            case (byte)'[':
                _rest = _rest[1..];
                return TrySkipElements(depthLeft - 1);
            case (byte)'t':
                return TryTake("true"u8);
            case (byte)'f':
                return TryTake("false"u8);
            case (byte)'n':
                return TryTake("null"u8);
            default:
                return TrySkipNumber();
        }
    }

    private bool TrySkipMembers(int depthLeft)
    {
        if (TryTake("}"u8))
            return true;
        do
        {
            if (depthLeft == 0 || !TryTake("\""u8) || !TryText(out _) || !TryTake(":"u8) || !TrySkip(depthLeft))
                return false;
        }
        while (TryTake(","u8));
        return TryTake("}"u8);
    }

    private bool TrySkipElements(int depthLeft)
    {
        if (TryTake("]"u8))
            return true;
        do
        {
            if (depthLeft == 0 || !TrySkip(depthLeft))
                return false;
        }
        while (TryTake(","u8));
        return TryTake("]"u8);
    }

    private bool TrySkipNumber()
    {
        var length = _rest.IndexOfAnyExcept(PartsOfNumbers);
        if (length < 0 || !NumericText.IsJsonNumber(_rest[..length]))
            return false;
        _rest = _rest[length..];
        return true;
    }
}
