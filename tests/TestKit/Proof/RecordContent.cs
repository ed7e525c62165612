using System.Globalization;
using System.Text.Json;
using CohortPipeline.TestKit.Oracle;

namespace CohortPipeline.TestKit.Proof;

/// <summary>
/// What a record says, in one form for what a producer published and for what ingest made of it: who, what, when and with which
/// properties. Read by the names of each shape, and by no code of ingest.
/// </summary>
/// <param name="Time">The producer's own time, epoch milliseconds; null: none.</param>
/// <param name="Properties">Of an event its properties, of an identify call its operations, members in ordinal order.</param>
internal sealed record RecordContent(string Event, string User, string Device, long? Time, string InsertId, string Properties)
{
    private const string Identify = "$identify";

    /// <summary>Of a record of <c>activity</c>.</summary>
    public static RecordContent OfActivity(JsonElement json) => new(
        json.GetProperty("type").GetString() == "identify" ? Identify : Text(json, "event"),
        Text(json, "user_id"),
        Text(json, "device_id"),
        TimeOf(json, "time"),
        Text(json, "insert_id"),
        json.GetProperty("type").GetString() == "identify" ? Object(json, "user_properties") : Object(json, "properties"));

    /// <summary>Of one record or of an entry of a batch; null for a shape, or a use of one, that is not read here.</summary>
    public static RecordContent? OfPublished(JsonElement json) => json switch
    {
        _ when Text(json, "type") == "track" => new(Text(json, "event"), Text(json, "userId"), Text(json, "anonymousId"), TimeOf(json, "timestamp"), Text(json, "messageId"), Object(json, "properties")),
        _ when Text(json, "type") == "identify" => OfIdentify(json, "userId", "anonymousId", "timestamp", "messageId", "traits"),
        _ when Has(json, "type") => null,
        _ when Text(json, "event_type") == Identify => OfIdentify(json, "user_id", "device_id", "time", "insert_id", "user_properties"),
        _ when Has(json, "event_type") => new(Text(json, "event_type"), Text(json, "user_id"), Text(json, "device_id"), TimeOf(json, "time"), Text(json, "insert_id"), Object(json, "event_properties")),
        _ when Has(json, "identify") => OfIdentify(json, "user_id", "device_id", "time", "insert_id", "identify"),
        _ when Has(json, "event") => new(Text(json, "event"), Text(json, "user_id"), Text(json, "device_id"), TimeOf(json, "time"), Text(json, "insert_id"), Object(json, "properties")),
        _ => null,
    };

    private static RecordContent? OfIdentify(JsonElement json, string user, string device, string time, string insertId, string properties)
    {
        var members = json.GetProperty(properties);
        var names = members.EnumerateObject().ToList();
        // A null among bare properties deletes, which is another operation.
        if (names.Exists(member => member.Value.ValueKind == JsonValueKind.Null))
            return null;
        var operations = names.Exists(member => member.Name.StartsWith('$')) ? members : JsonSerializer.SerializeToElement(new Dictionary<string, JsonElement> { ["$set"] = members });
        return new(Identify, Text(json, user), Text(json, device), TimeOf(json, time), Text(json, insertId), OracleJson.CanonicalObject(operations));
    }

    private static bool Has(JsonElement json, string name) => json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out _);

    private static string Text(JsonElement json, string name) => Has(json, name) && json.GetProperty(name) is { ValueKind: not JsonValueKind.Null } value ? value.ToString() : "";

    private static string Object(JsonElement json, string name) => Has(json, name) ? OracleJson.CanonicalObject(json.GetProperty(name)) : "";

    private static long? TimeOf(JsonElement json, string name) => Has(json, name) ? json.GetProperty(name) switch
    {
        { ValueKind: JsonValueKind.Number } number => number.GetInt64(),
        { ValueKind: JsonValueKind.String } text => DateTimeOffset.Parse(text.GetString()!.Replace(" UTC", "Z", StringComparison.Ordinal), CultureInfo.InvariantCulture).ToUnixTimeMilliseconds(),
        _ => null,
    } : null;
}
