using CohortPipeline.Rules.Properties;

namespace CohortPipeline.Rules.Identify;

/// <summary>What an identify call did to a profile's properties. Kept by a lane and used again.</summary>
public sealed class IdentifyOutcome
{
    /// <summary>The changed properties with the values that they had before; empty for none.</summary>
    private readonly PropertyBag _changed = new();

    /// <summary>Properties that would have passed the bounds and stayed as they were.</summary>
    public int Refused { get; private set; }

    /// <summary>Additions to values that are not numeric, or whose sum no decimal holds: these stayed as they were.</summary>
    public int NotAdded { get; private set; }

    /// <summary>How many properties were set to another value, or deleted.</summary>
    public int ChangedCount => _changed.Count;

    public ReadOnlySpan<byte> ChangedName(int index) => _changed.NameAt(index);

    public bool HasChanged(ReadOnlySpan<byte> name) => _changed.IndexOf(name) >= 0;

    internal void Clear()
    {
        _changed.Clear();
        Refused = 0;
        NotAdded = 0;
    }

    internal void Refuse() => Refused++;

    internal void LeaveUnadded() => NotAdded++;

    /// <summary>Notes that a property is about to be set or deleted.</summary>
    internal void Touch(ReadOnlySpan<byte> name, ReadOnlySpan<byte> before)
    {
        if (_changed.IndexOf(name) < 0)
            _changed.Append(name, before);
    }

    /// <summary>Forgets the properties that one operation took away and another brought back.</summary>
    internal void Settle(PropertyBag properties)
    {
        for (var i = _changed.Count - 1; i >= 0; i--)
        {
            var index = properties.IndexOf(_changed.NameAt(i));
            var after = index >= 0 ? properties.ValueAt(index) : default;
            if (after.SequenceEqual(_changed.ValueAt(i)))
                _changed.RemoveAt(i);
        }
    }
}
