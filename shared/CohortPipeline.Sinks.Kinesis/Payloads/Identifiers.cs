using System.Globalization;
using System.Text;
using System.Text.Json;
using CohortPipeline.Contracts;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>Finds the value of <c>identifier_field</c> in a record.</summary>
public sealed class Identifiers(string field)
{
    private readonly byte[] _name = Encoding.UTF8.GetBytes(field);

    /// <summary>The identifier's bytes; empty where the record has none that can be a key: absent, empty, or no scalar.</summary>
    public ReadOnlySpan<byte> Of(in Delta delta) => field switch
    {
        IdentifierFields.UserId => delta.UserId,
        IdentifierFields.DeviceId => delta.DeviceId,
        IdentifierFields.AmplitudeId => Number(delta.AmplitudeId),
        _ => Property(delta.Properties),
    };

    /// <summary>Of a record of <c>activity</c>, which has no profile's properties.</summary>
    public ReadOnlySpan<byte> Of(in ActivityRecord record, ReadOnlySpan<byte> profileKey) => field switch
    {
        IdentifierFields.UserId => record.UserId,
        IdentifierFields.DeviceId => record.DeviceId,
        IdentifierFields.AmplitudeId => Number(ProfileKey.AmplitudeId(profileKey)),
        _ => default,
    };

    private static byte[] Number(long number) => Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture));

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

    private static ReadOnlySpan<byte> Scalar(scoped ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String when reader.ValueIsEscaped => Encoding.UTF8.GetBytes(reader.GetString()!),
        JsonTokenType.String or JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False => reader.ValueSpan.ToArray(),
        _ => default,
    };
}
