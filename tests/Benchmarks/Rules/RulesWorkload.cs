using System.Globalization;
using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Rules.Definitions;
using CohortPipeline.Rules.Plans;

namespace CohortPipeline.Benchmarks.Rules;

/// <summary>
/// Definitions and events of which each event matches four behaviors on average, and each user's events ten behaviors in all,
/// whatever number of definitions there are: what more definitions cost is the definitions, not that users do more.
/// </summary>
internal sealed class RulesWorkload
{
    public const int Profiles = 100_000;
    public const int BehaviorsMatched = 4;

    private const int EventTypes = 20;
    private const int TypesOfDefinition = 8;

    /// <summary>People come back to what they like: all events of a user have the same properties, those of its group.</summary>
    private const int UserGroups = 4096;

    private const int Kinds = 5;
    private const long Start = 1_772_359_200_000;

    /// <summary>A profile has an event each seven hours: some twenty in a window of seven days.</summary>
    private const long SevenHours = 25_200_000;

    private readonly byte[][] _types = [.. Enumerable.Range(0, EventTypes).Select(type => Utf8($"event_{type}"))];
    private readonly byte[][] _properties;
    private readonly Random _random = new(7);
    private long _events;

    /// <param name="definitions">How many.</param>
    /// <param name="readsProperties">Whether behaviors have filters.</param>
    public RulesWorkload(int definitions, bool readsProperties)
    {
        // Eight of twenty types are a definition's: so many definitions see an event, and of these four are to match.
        var values = readsProperties ? Math.Max(1, definitions * TypesOfDefinition / EventTypes / BehaviorsMatched) : 0;
        Text = string.Join("\n---\n", Enumerable.Range(0, definitions).Select(number => Definition(number, values)));
        _properties = [.. Enumerable.Range(0, UserGroups).Select(_ => PropertiesOf(Math.Max(1, values)))];
    }

    /// <summary>The definitions, as YAML.</summary>
    public string Text { get; }

    public CohortPlan Plan()
    {
        var parsed = DefinitionParser.Parse(Text, "workload.yaml");
        return parsed.IsAccepted
            ? CohortPlan.Empty.Apply([.. parsed.Definitions.Select(definition => new CohortChange(definition.Id, 1, definition))])
            : throw new InvalidOperationException(parsed.Errors[0].ToString());
    }

    /// <summary>Fills a batch with events that come after those that were drawn before.</summary>
    public void Draw(UserEvents events)
    {
        for (var i = 0; i < events.Count; i++)
        {
            var drawn = new UserEvent(_random.Next(Profiles), _random.Next(EventTypes), ++_events);
            events.Set(i, drawn, _properties[drawn.Profile % UserGroups]);
        }
    }

    /// <param name="insertId">Takes the event's insert id, eight bytes.</param>
    public ActivityRecord Record(UserEvents events, int index, Span<byte> insertId)
    {
        ref readonly var drawn = ref events[index];
        var time = Start + (drawn.Number * SevenHours / Profiles);
        System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(insertId, drawn.Number);
        return new()
        {
            Type = ActivityType.Event,
            Event = _types[drawn.Type],
            Timestamp = time,
            Time = time,
            InsertId = insertId,
            Properties = events.Properties(index),
        };
    }

    private static string Definition(int number, int values)
    {
        var types = string.Join(", ", Enumerable.Range(0, TypesOfDefinition).Select(type => $"event_{(number + (type * 7)) % EventTypes}"));
        var value = values == 0 ? 0 : number / Kinds % values;
        var where = values == 0 ? "" : (number % Kinds) switch
        {
            0 => $"where: {{ category: c{value} }}, ",
            1 => $"where: {{ sku: {{ in: [s{value}, other] }} }}, ",
            2 => $"where: {{ price: {{ between: [{value}, {value}.99] }} }}, ",
            3 => $"where: {{ page.section: p{value} }}, ",
            _ => $"where: {{ tags: t{value} }}, ",
        };
        return $"id: cohort-{number}\nwhere: {{ did: {{ event: [{types}], {where}count: {{ at_least: {2 + (number % 3)} }}, within: 7d }} }}";
    }

    private byte[] PropertiesOf(int values)
    {
        int Value() => _random.Next(values);
        return Utf8(string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"category":"c{{Value()}}","sku":"s{{Value()}}","price":{{Value()}}.49,"page":{"section":"p{{Value()}}","url":"/some/page"},"tags":["t{{Value()}}","new"],"products":[{"brand":"b","quantity":1}]}"""));
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
