using CohortPipeline.Contracts;

namespace CohortPipeline.Rules.Profiles;

/// <content>The parts of a stored profile, read when they are asked for, and copied where they are written unchanged.</content>
public sealed partial class Profile
{
    private byte[] _stored = new byte[512];
    private StoredPart _storedIdentifyHashes;
    private StoredPart _storedProperties;
    private StoredPart _storedMemberships;
    private int _storedPropertyCount;
    private int _storedPropertiesJsonLength;
    private int _storedMembershipCount;

    internal int PropertyCount => ArePropertiesUnchanged ? _storedPropertyCount : _properties.Count;

    /// <summary>Bytes of the properties as one JSON object.</summary>
    internal int PropertiesJsonLength => ArePropertiesUnchanged ? _storedPropertiesJsonLength : _properties.JsonLength;

    internal int MembershipCount => _storedMemberships.IsUnchanged ? _storedMembershipCount : _membershipCount;

    /// <summary>The parts that <see cref="WriteParts"/> has something of.</summary>
    internal ProfileParts PartsToWrite =>
        ((_storedIdentifyHashes.IsUnchanged ? !_storedIdentifyHashes.IsEmpty : _identifyHashCount > 0) ? ProfileParts.IdentifyHashes : 0)
        | (PropertyCount > 0 ? ProfileParts.Properties : 0)
        | (MembershipCount > 0 ? ProfileParts.Memberships : 0)
        | (_behaviors.Count > 0 ? ProfileParts.Behaviors : 0);

    /// <summary>Those who change properties have the bag in hand, so it says itself whether they did.</summary>
    private bool ArePropertiesUnchanged => _storedProperties.IsUnchanged && !_properties.HasChanged;

    /// <summary>Keeps a copy of the bytes behind the scalars and finds its parts in it.</summary>
    internal void ReadParts(ProfileParts parts, ReadOnlySpan<byte> bytes)
    {
        if (_stored.Length < bytes.Length + RememberedEvents.BytesBehind)
            _stored = new byte[Math.Max(bytes.Length + RememberedEvents.BytesBehind, _stored.Length * 2)];
        bytes.CopyTo(_stored);
        var reader = new ByteReader(_stored.AsSpan(0, bytes.Length));
        if (parts.HasFlag(ProfileParts.IdentifyHashes))
            _storedIdentifyHashes = PartAt(ref reader);
        if (parts.HasFlag(ProfileParts.Properties))
        {
            (_storedPropertyCount, _storedPropertiesJsonLength) = (reader.Count(), reader.Count());
            _storedProperties = PartAt(ref reader);
        }

        if (parts.HasFlag(ProfileParts.Memberships))
        {
            _storedMembershipCount = reader.Count();
            _storedMemberships = PartAt(ref reader);
        }

        if (parts.HasFlag(ProfileParts.Behaviors))
            _behaviors.ReadStored(ref reader, _stored, StoredTimes.BaseOf(FirstSeenAt, LastInstant));
        if (!reader.IsAtEnd)
            throw new InvalidDataException("a stored profile goes on behind its end");
    }

    /// <param name="parts">Those of <see cref="PartsToWrite"/>.</param>
    internal void WriteParts(ProfileParts parts, ByteWriter writer)
    {
        if (parts.HasFlag(ProfileParts.IdentifyHashes))
            WriteIdentifyHashes(writer);
        if (parts.HasFlag(ProfileParts.Properties))
        {
            writer.Varint((ulong)PropertyCount);
            writer.Varint((ulong)PropertiesJsonLength);
            WriteProperties(writer);
        }

        if (parts.HasFlag(ProfileParts.Memberships))
        {
            writer.Varint((ulong)MembershipCount);
            WriteMemberships(writer);
        }

        if (parts.HasFlag(ProfileParts.Behaviors))
            _behaviors.WriteStored(writer, StoredTimes.BaseOf(FirstSeenAt, LastInstant));
    }

    /// <summary>Nothing is stored.</summary>
    private void ForgetStored()
    {
        _storedIdentifyHashes = new(0, 0);
        _storedProperties = new(0, 0);
        _storedMemberships = new(0, 0);
        (_storedPropertyCount, _storedPropertiesJsonLength, _storedMembershipCount) = (0, 0, 0);
        _properties.HasChanged = false;
    }

    private static StoredPart PartAt(ref ByteReader reader)
    {
        var length = reader.Bytes().Length;
        return new(reader.Position - length, length);
    }

    private void ReadIdentifyHashes()
    {
        if (!_storedIdentifyHashes.TakeUnread(_stored, out var reader))
            return;
        while (!reader.IsAtEnd)
            _identifyHashes[_identifyHashCount++] = reader.UInt32();
    }

    private void WriteIdentifyHashes(ByteWriter writer)
    {
        if (_storedIdentifyHashes.IsUnchanged)
        {
            writer.Bytes(_storedIdentifyHashes.In(_stored));
            return;
        }

        var begun = writer.BeginBytes();
        foreach (var hash in _identifyHashes.AsSpan(0, _identifyHashCount))
            writer.UInt32(hash);
        writer.EndBytes(begun);
    }

    private void ReadProperties()
    {
        if (!_storedProperties.TakeUnread(_stored, out var reader))
            return;
        while (!reader.IsAtEnd)
            _properties.Append(reader.Bytes(), reader.Bytes());
        _properties.HasChanged = false;
    }

    private void WriteProperties(ByteWriter writer)
    {
        if (ArePropertiesUnchanged)
        {
            writer.Bytes(_storedProperties.In(_stored));
            return;
        }

        var begun = writer.BeginBytes();
        for (var i = 0; i < _properties.Count; i++)
        {
            writer.Bytes(_properties.NameAt(i));
            writer.Bytes(_properties.ValueAt(i));
        }

        writer.EndBytes(begun);
    }

    private void ReadMemberships()
    {
        if (!_storedMemberships.TakeUnread(_stored, out var reader) || _storedMembershipCount == 0)
            return;
        if (_memberships.Length < _storedMembershipCount)
            _memberships = new Membership[Math.Max(_storedMembershipCount, _memberships.Length * 2)];
        _membershipCount = _storedMembershipCount;
        MembershipPacking.Read(ref reader, _memberships.AsSpan(0, _membershipCount), FirstSeenAt);
    }

    private void WriteMemberships(ByteWriter writer)
    {
        if (_storedMemberships.IsUnchanged)
        {
            writer.Bytes(_storedMemberships.In(_stored));
            return;
        }

        var begun = writer.BeginBytes();
        _membershipPacking.Write(_memberships.AsSpan(0, _membershipCount), FirstSeenAt, writer);
        writer.EndBytes(begun);
    }
}
