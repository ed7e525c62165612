using System.Text.Json;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>The fields of an exported event that come from its context, each always there: null where the context has none.</summary>
internal static class EventFields
{
    private static readonly string[] Names =
    [
        "groups",
        "server_received_time", "app", "device_carrier", "$schema", "city", "platform", "os_version", "processed_time", "user_creation_time",
        "version_name", "ip_address", "paying", "dma", "group_properties", "client_upload_time", "library", "amplitude_attribution_ids",
        "device_type", "device_manufacturer", "start_version", "location_lng", "server_upload_time", "event_id", "location_lat", "os_name",
        "amplitude_event_type", "device_brand", "data", "language", "device_model", "country", "region", "is_attribution_event", "adid",
        "session_id", "device_family", "sample_rate", "idfa", "client_event_time",
    ];

    /// <summary>Fields that the event itself fills; a context's field of that name gives way.</summary>
    private static readonly HashSet<string> Own =
    [
        "event_type", "user_id", "device_id", "event_time", "amplitude_id", "uuid", "$insert_id", "event_properties", "user_properties",
        "event_name", "created_at", "traceparent",
    ];

    public static JsonEncodedText[] FromContext { get; } = [.. Names.Select(name => JsonEncodedText.Encode(name))];

    /// <summary>Place of a context's field among <see cref="FromContext"/>; -1 for one that is none of them.</summary>
    public static int IndexOf(string name) => Places.GetValueOrDefault(name, -1);

    public static bool IsOwn(string name) => Own.Contains(name);

    private static Dictionary<string, int> Places { get; } = Names.Select((name, place) => (name, place)).ToDictionary(pair => pair.name, pair => pair.place, StringComparer.Ordinal);
}
