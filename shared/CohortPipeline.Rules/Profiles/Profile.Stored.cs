using CohortPipeline.Contracts;

namespace CohortPipeline.Rules.Profiles;

/// <content>The parts of a stored profile, read when they are asked for, and copied where they are written unchanged.</content>
public sealed partial class Profile
{
    private const ulong OrdinaryFlag = 1;

    private byte[] _stored = new byte[512];
    private Membership[] _inOrder = [];
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

    /// <summary>Those who change properties have the bag in hand, so it says itself whether they did.</summary>
    private bool ArePropertiesUnchanged => _storedProperties.IsUnchanged && !_properties.HasChanged;

    /// <summary>Keeps a copy of the bytes behind the scalars and finds its parts in it.</summary>
    internal void ReadParts(ReadOnlySpan<byte> parts)
    {
        if (_stored.Length < parts.Length)
            _stored = new byte[Math.Max(parts.Length, _stored.Length * 2)];
        parts.CopyTo(_stored);
        var reader = new ByteReader(_stored.AsSpan(0, parts.Length));
        _storedIdentifyHashes = PartAt(ref reader);
        _storedPropertyCount = reader.Count();
        _storedPropertiesJsonLength = reader.Count();
        _storedProperties = PartAt(ref reader);
        _storedMembershipCount = reader.Count();
        _storedMemberships = PartAt(ref reader);
        _behaviors.ReadStored(ref reader, _stored, FirstSeenAt);
        if (!reader.IsAtEnd)
            throw new InvalidDataException("a stored profile goes on behind its end");
    }

    internal void WriteParts(ByteWriter writer)
    {
        WriteIdentifyHashes(writer);
        writer.Varint((ulong)PropertyCount);
        writer.Varint((ulong)PropertiesJsonLength);
        WriteProperties(writer);
        writer.Varint((ulong)MembershipCount);
        WriteMemberships(writer);
        _behaviors.WriteStored(writer, FirstSeenAt);
    }

    private void ForgetStored()
    {
        _storedIdentifyHashes = default;
        _storedProperties = default;
        _storedMemberships = default;
        _properties.HasChanged = false;
    }

    private StoredPart PartAt(ref ByteReader reader)
    {
        var length = reader.Bytes().Length;
        return StoredPart.Of(_stored.AsMemory(reader.Position - length, length));
    }

    private void ReadIdentifyHashes()
    {
        if (!_storedIdentifyHashes.TakeUnread(out var reader))
            return;
        while (!reader.IsAtEnd)
            _identifyHashes[_identifyHashCount++] = reader.UInt32();
    }

    private void WriteIdentifyHashes(ByteWriter writer)
    {
        if (_storedIdentifyHashes.IsUnchanged)
        {
            writer.Bytes(_storedIdentifyHashes.Bytes);
            return;
        }

        var begun = writer.BeginBytes();
        foreach (var hash in _identifyHashes.AsSpan(0, _identifyHashCount))
            writer.UInt32(hash);
        writer.EndBytes(begun);
    }

    private void ReadProperties()
    {
        if (!_storedProperties.TakeUnread(out var reader))
            return;
        while (!reader.IsAtEnd)
            _properties.Append(reader.Bytes(), reader.Bytes());
        _properties.HasChanged = false;
    }

    private void WriteProperties(ByteWriter writer)
    {
        if (ArePropertiesUnchanged)
        {
            writer.Bytes(_storedProperties.Bytes);
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

    /// <summary>
    /// Stored in the order in which they began, in which times and versions rise; kept in the order of slots. An ordinary one
    /// has the next version after the one before it, and was computed in the second in which it began.
    /// </summary>
    private void ReadMemberships()
    {
        if (!_storedMemberships.TakeUnread(out var reader))
            return;
        var (enteredAt, version) = (FirstSeenAt, 0L);
        while (!reader.IsAtEnd)
        {
            var slot = reader.Count();
            var passed = reader.Varint();
            enteredAt += (long)(passed >> 1);
            var isOrdinary = (passed & OrdinaryFlag) != 0;
            version += isOrdinary ? 1 : (long)reader.Varint();
            var computedAt = Instant.FloorToSeconds(enteredAt) + (isOrdinary ? 0 : (long)reader.Varint());
            InsertMembership(~IndexOfMembership(slot), new(slot, enteredAt, version, computedAt));
        }
    }

    private void WriteMemberships(ByteWriter writer)
    {
        if (_storedMemberships.IsUnchanged)
        {
            writer.Bytes(_storedMemberships.Bytes);
            return;
        }

        if (_inOrder.Length < _membershipCount)
            _inOrder = new Membership[_memberships.Length];
        var memberships = _inOrder.AsSpan(0, _membershipCount);
        _memberships.AsSpan(0, _membershipCount).CopyTo(memberships);
        memberships.Sort(static (left, right) => left.Version.CompareTo(right.Version));
        var begun = writer.BeginBytes();
        var (enteredAt, version) = (FirstSeenAt, 0L);
        foreach (ref readonly var membership in memberships)
        {
            var (risen, later) = (membership.Version - version, membership.ComputedAt - Instant.FloorToSeconds(membership.EnteredAt));
            var isOrdinary = risen == 1 && later == 0;
            writer.Varint((ulong)membership.CohortSlot);
            writer.Varint(((ulong)(membership.EnteredAt - enteredAt) << 1) | (isOrdinary ? OrdinaryFlag : 0));
            if (!isOrdinary)
            {
                writer.Varint((ulong)risen);
                writer.Varint((ulong)later);
            }

            (enteredAt, version) = (membership.EnteredAt, membership.Version);
        }

        writer.EndBytes(begun);
    }
}
