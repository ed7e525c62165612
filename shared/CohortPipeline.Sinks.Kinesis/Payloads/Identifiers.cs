using System.Globalization;
using System.Text;
using System.Text.Json;
using CohortPipeline.Contracts;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>Finds the value of <c>identifier_field</c> in a record. What it answers is borrowed until it is asked again. One thread uses it.</summary>
public sealed class Identifiers(string field)
{
    private const int NumberBytesMax = 20;

    private readonly byte[] _name = Encoding.UTF8.GetBytes(field);
    private byte[] _value = new byte[PartitionKeys.BytesMax];

    /// <summary>The identifier's bytes; empty where the record has none that can be a key: absent, empty, or no scalar.</summary>
    public ReadOnlySpan<byte> Of(scoped in Delta delta) => field switch
    {
        IdentifierFields.UserId => delta.UserId,
        IdentifierFields.DeviceId => delta.DeviceId,
        IdentifierFields.AmplitudeId => Number(delta.AmplitudeId),
        _ => Property(delta.Properties),
    };

    /// <summary>Of a record of <c>activity</c>, which has no profile's properties.</summary>
    public ReadOnlySpan<byte> Of(scoped in ActivityRecord record, ReadOnlySpan<byte> profileKey) => field switch
    {
        IdentifierFields.UserId => record.UserId,
        IdentifierFields.DeviceId => record.DeviceId,
        IdentifierFields.AmplitudeId => Number(ProfileKey.AmplitudeId(profileKey)),
        _ => default,
    };

    private ReadOnlySpan<byte> Number(long number) =>
        number.TryFormat(Hold(NumberBytesMax), out var written, default, CultureInfo.InvariantCulture) ? _value.AsSpan(0, written) : default;

    private ReadOnlySpan<byte> Property(ReadOnlySpan<byte> properties)
    {
        if (properties.IsEmpty)
            return default;
        var reader = new Utf8JsonReader(properties, JsonText.ReaderOptions);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isIt = reader.ValueTextEquals(_name);
            reader.Read();
            if (isIt)
                return Scalar(ref reader);
            reader.Skip();
        }

        return default;
    }

    private ReadOnlySpan<byte> Scalar(scoped ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False))
            return default;
        var value = Hold(reader.ValueSpan.Length);
        if (reader.TokenType == JsonTokenType.String)
            return value[..reader.CopyString(value)];
        reader.ValueSpan.CopyTo(value);
        return value[..reader.ValueSpan.Length];
    }

    private Span<byte> Hold(int bytes)
    {
        if (_value.Length < bytes)
            _value = new byte[2 * bytes];
        return _value;
    }
}
