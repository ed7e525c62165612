using System.Globalization;
using System.Text.Json;

namespace CohortPipeline.Kinesis.Local;

/// <summary>The body of a call that is no put, read member by member.</summary>
internal readonly struct Call(JsonElement body)
{
    public string? Text(string member) => Member(member) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value => value.GetString(),
        { } value => throw KinesisError.Serialization($"{value.ValueKind} can not be converted to an String").Thrown(),
    };

    public string RequiredText(string member) => Text(member) ?? throw MustNotBeNull(member);

    public int? Number(string member, int min, int max)
    {
        if (Member(member) is not { } value)
            return null;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out var number))
            throw KinesisError.Serialization($"{value.ValueKind} can not be converted to an Integer").Thrown();
        if (number < min)
            throw Invalid(member, $"Member must have value greater than or equal to {min}");
        return number <= max ? number : throw Invalid(member, $"Member must have value less than or equal to {max}");
    }

    public UInt128 RequiredHashKey(string member) => UInt128.TryParse(RequiredText(member), NumberStyles.None, CultureInfo.InvariantCulture, out var hashKey)
        ? hashKey
        : throw Invalid(member, @"Member must satisfy regular expression pattern: 0|([1-9]\d{0,38})");

    public static KinesisErrorException MustNotBeNull(string member) => Invalid(member, "Member must not be null");

    public static KinesisErrorException Invalid(string member, string constraint) =>
        KinesisError.Validation(char.ToLowerInvariant(member[0]) + member[1..], constraint).Thrown();

    private JsonElement? Member(string name) => body.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
