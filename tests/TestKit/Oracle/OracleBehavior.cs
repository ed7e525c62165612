using System.Text.Json;

namespace CohortPipeline.TestKit.Oracle;

/// <summary>What a profile is watched for. Equal ones are one behavior, whatever number of definitions use it.</summary>
internal abstract class OracleBehavior(string identity, OracleRange range)
{
    /// <summary>Events, filter, range, and what the measure needs.</summary>
    public string Identity => identity;

    public OracleRange Range => range;

    /// <summary>Every event in range is remembered, as many as there may be.</summary>
    public virtual bool KeepsEveryEvent => false;

    /// <summary>An event that there is no room for still counts; only a duplicate of it is not known any more.</summary>
    public virtual bool CountsForgotten => false;

    public abstract bool Matches(OracleEvent @event);

    /// <summary>Of all events that match, in order of their times and then of arrival, those that are remembered at an instant: one of them that comes again is a duplicate.</summary>
    public abstract IEnumerable<OracleEvent> Remembered(IReadOnlyList<OracleEvent> events, long instant);

    /// <summary>Instants at which time alone may change what is in range.</summary>
    public abstract IEnumerable<long> Flips(IReadOnlyList<OracleEvent> events);
}

/// <summary>Which events are meant: their types and a filter.</summary>
internal sealed class OracleSelection(string[] types, OracleFilter filter)
{
    public string Text => $"{string.Join('|', types)} where {filter.Text}";

    public bool Matches(OracleEvent @event) =>
        (types is ["*"] || types.Contains(@event.Type, StringComparer.Ordinal)) && filter.Holds(new(@event.Properties, @event.Context));

    public static OracleSelection Parse(JsonElement json)
    {
        var types = json.GetProperty("event") is { ValueKind: JsonValueKind.Array } list
            ? list.EnumerateArray().Select(type => type.GetString()!)
            : [json.GetProperty("event").GetString()!];
        var filter = OracleJson.Member(json, "where") is { } where ? OracleFilter.Parse(where) : OracleFilter.Everything;
        return new([.. types.Distinct().Order(StringComparer.Ordinal)], filter);
    }
}
