using System.Text.Json;

namespace CohortPipeline.CohortCtl.Demo;

/// <summary>The producers' libraries that the shop's apps use, one a shopper.</summary>
internal enum ShopShape
{
    Plain,
    Segment,
    Amplitude,
}

internal sealed record Shopper(string UserId, ShopShape Shape);

/// <summary>Events and identify calls in the shapes of <c>docs/spec/inputs.md</c>.</summary>
internal static class ShopPayload
{
    public static byte[] Event(Shopper shopper, string name, DateTimeOffset time, string insertId, (string Name, object Value)[] properties)
    {
        var values = properties.ToDictionary(property => property.Name, property => property.Value);
        return shopper.Shape switch
        {
            ShopShape.Segment => Json(new { type = "track", @event = name, userId = shopper.UserId, timestamp = Text(time), messageId = insertId, properties = values, context = new { page = new { url = "https://shop.example/" } } }),
            ShopShape.Amplitude => Json(new { event_type = name, user_id = shopper.UserId, time = time.ToUnixTimeMilliseconds(), insert_id = insertId, event_properties = values, platform = "iOS" }),
            _ => Json(new { @event = name, user_id = shopper.UserId, time = Text(time), insert_id = insertId, properties = values }),
        };
    }

    public static byte[] Identify(Shopper shopper, DateTimeOffset time, string insertId, (string Name, object Value)[] properties)
    {
        var values = properties.ToDictionary(property => property.Name, property => property.Value);
        return shopper.Shape switch
        {
            ShopShape.Segment => Json(new { type = "identify", userId = shopper.UserId, timestamp = Text(time), messageId = insertId, traits = values }),
            ShopShape.Amplitude => Json(new Dictionary<string, object> { ["event_type"] = "$identify", ["user_id"] = shopper.UserId, ["time"] = time.ToUnixTimeMilliseconds(), ["insert_id"] = insertId, ["user_properties"] = new Dictionary<string, object> { ["$set"] = values } }),
            _ => Json(new { identify = values, user_id = shopper.UserId, time = Text(time), insert_id = insertId }),
        };
    }

    private static string Text(DateTimeOffset time) => Contracts.Instant.ToRfc3339(time.ToUnixTimeMilliseconds());

    private static byte[] Json<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value);
}
