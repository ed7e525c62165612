using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using CohortPipeline.Rules.Definitions;
using CohortPipeline.Rules.Definitions.Parsing;
using CohortPipeline.Rules.Sources;

namespace CohortPipeline.Rules.Behaviors;

/// <summary>Which event types a behavior is about: some, or every one.</summary>
public sealed class EventSelection
{
    private const string AnyEvent = "*";
    private const string Expectation = "an event type, a list of 1 to 32 event types, or \"*\"";

    private EventSelection(ImmutableArray<string> types) => Types = types;

    /// <summary>In ordinal order, each once; empty for every event.</summary>
    public ImmutableArray<string> Types { get; }

    public bool IsAny => Types.IsEmpty;

    internal static EventSelection? Read(Cursor cursor)
    {
        if (cursor.Node is SourceScalar)
            return cursor.Text(Expectation) is { } text ? ReadOne(cursor, text) : null;
        var types = cursor.All(ReadType, Expectation, 1, DefinitionLimits.EventsMax);
        return types is { } known ? new([.. known.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]) : null;
    }

    internal void Write(Utf8JsonWriter writer)
    {
        if (Types.Length <= 1)
        {
            writer.WriteStringValue(IsAny ? AnyEvent : Types[0]);
            return;
        }

        writer.WriteStartArray();
        foreach (var type in Types)
            writer.WriteStringValue(type);
        writer.WriteEndArray();
    }

    private static EventSelection? ReadOne(Cursor cursor, string text)
    {
        if (text == AnyEvent)
            return new([]);
        return Check(cursor, text) is { } type ? new([type]) : null;
    }

    private static string? ReadType(Cursor cursor)
    {
        if (cursor.Text("an event type, a text") is not { } text)
            return null;
        if (text != AnyEvent)
            return Check(cursor, text);
        cursor.Error("\"*\" in a list", "event types; \"*\" stands alone");
        return null;
    }

    private static string? Check(Cursor cursor, string text)
    {
        if (Encoding.UTF8.GetByteCount(text) is >= 1 and <= DefinitionLimits.EventTypeBytesMax)
            return text;
        cursor.Error($"an event type of 1 to {DefinitionLimits.EventTypeBytesMax} bytes");
        return null;
    }
}
