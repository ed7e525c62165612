using System.Collections.Immutable;
using System.Text;
using CohortPipeline.Rules.Definitions.Parsing;

namespace CohortPipeline.Rules.Filters;

/// <summary>Where the paths of a place in a definition start.</summary>
public enum PathScope
{
    /// <summary>In an event's properties, or with <c>$</c> in its context.</summary>
    Event,

    /// <summary>In the profile's properties; a <c>$</c> path is an error.</summary>
    Profile,

    /// <summary>In one object, that of a <c>has</c>; a <c>$</c> path is an error.</summary>
    Element,
}

/// <summary>
/// A path to a value: dotted (<c>cart.total</c>; a property whose name is the whole path wins), a JSON Pointer
/// (<c>/products/0/sku</c>), or dotted into the event's context (<c>$page.url</c>).
/// </summary>
public sealed class PropertyPath
{
    private const char PointerStart = '/';
    private const char ContextStart = '$';

    private PropertyPath(string text, ImmutableArray<byte[]> segments, byte[] wholeName, bool isPointer, bool isInContext)
    {
        Text = text;
        Segments = segments;
        WholeName = wholeName;
        IsPointer = isPointer;
        IsInContext = isInContext;
    }

    /// <summary>As the definition has it.</summary>
    public string Text { get; }

    public bool IsPointer { get; }

    public bool IsInContext { get; }

    /// <summary>Names in UTF-8, one for each step.</summary>
    internal ImmutableArray<byte[]> Segments { get; }

    /// <summary>The name of the property that wins over the split path; of a pointer, that of its first step.</summary>
    internal byte[] WholeName { get; }

    /// <summary>Null, with an error, for what is no path here.</summary>
    internal static PropertyPath? Read(Cursor cursor, string text, PathScope scope) => Read(cursor, cursor.Node.Line, cursor.Node.Column, text, scope);

    /// <param name="line">Where the path stands, when it is a name of an object and not its value.</param>
    /// <param name="column">Likewise.</param>
    internal static PropertyPath? Read(Cursor cursor, int line, int column, string text, PathScope scope)
    {
        if (text.StartsWith(PointerStart))
            return ReadPointer(cursor, line, column, text);
        var isInContext = text.StartsWith(ContextStart);
        if (isInContext && scope != PathScope.Event)
        {
            var place = scope == PathScope.Profile ? "of profile properties" : "inside the object";
            cursor.Error(line, column, $"the path `{text}` into an event's context", $"a path {place} (for a name that starts with `$`, a JSON Pointer: `/$name`)");
            return null;
        }

        var path = isInContext ? text[1..] : text;
        if (path.Length > 0)
            return new(text, [.. path.Split('.').Select(Encoding.UTF8.GetBytes)], Encoding.UTF8.GetBytes(path), isPointer: false, isInContext);
        cursor.Error(line, column, "an empty path", "the path of a property");
        return null;
    }

    private static PropertyPath? ReadPointer(Cursor cursor, int line, int column, string text)
    {
        var segments = text[1..].Split(PointerStart);
        for (var i = 0; i < segments.Length; i++)
        {
            if (segments[i].Replace("~0", "", StringComparison.Ordinal).Replace("~1", "", StringComparison.Ordinal).Contains('~', StringComparison.Ordinal))
            {
                cursor.Error(line, column, $"`{text}`", "a JSON Pointer, in which ~ is written ~0 and / is written ~1");
                return null;
            }

            segments[i] = segments[i].Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
        }

        var names = segments.Select(Encoding.UTF8.GetBytes).ToImmutableArray();
        return new(text, names, names[0], isPointer: true, isInContext: false);
    }
}
