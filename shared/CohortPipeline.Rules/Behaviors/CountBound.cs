using System.Text;
using System.Text.Json;
using CohortPipeline.Contracts;
using CohortPipeline.Rules.Definitions;
using CohortPipeline.Rules.Definitions.Parsing;
using CohortPipeline.Rules.Sources;

namespace CohortPipeline.Rules.Behaviors;

public enum BoundOperator
{
    AtLeast,
    AtMost,
    MoreThan,
    LessThan,
    Exactly,
    Between,
}

/// <summary>What a count is held against: whole numbers from 0 to 10,000.</summary>
/// <param name="Low">The operand; of <see cref="BoundOperator.Between"/> the lower one.</param>
/// <param name="High">The operand; of <see cref="BoundOperator.Between"/> the upper one, included.</param>
public sealed record CountBound(BoundOperator Operator, int Low, int High)
{
    private static readonly Vocabulary Names = new(["at_least", "at_most", "more_than", "less_than", "exactly", "between"]);

    private static readonly string Expectation = $"a bound: an object with exactly one of {string.Join(", ", Names.Known.Select(name => $"`{name}`"))}";

    /// <summary>What a <c>did</c> without a measure asks for.</summary>
    public static CountBound AtLeastOne { get; } = new(BoundOperator.AtLeast, 1, 1);

    /// <summary>Least count for which the bound holds.</summary>
    public int Least => Operator switch
    {
        BoundOperator.AtMost or BoundOperator.LessThan => 0,
        BoundOperator.MoreThan => Low + 1,
        _ => Low,
    };

    /// <summary>Greatest count for which the bound holds; below <see cref="Least"/> if it never does.</summary>
    public int Greatest => Operator switch
    {
        BoundOperator.AtLeast or BoundOperator.MoreThan => int.MaxValue,
        BoundOperator.LessThan => High - 1,
        _ => High,
    };

    /// <summary>How many of the newest events tell whether the bound holds, whatever number there are.</summary>
    public int EventsNeeded => Greatest == int.MaxValue ? Least : Greatest + 1;

    public bool Holds(int count) => count >= Least && count <= Greatest;

    internal static CountBound? Read(Cursor cursor)
    {
        if (cursor.Members(Expectation) is not { } members)
            return null;
        foreach (var unknown in members.Where(member => !Names.Knows(member.Name)))
            Names.Refuse(cursor, unknown.Name, unknown.Line, unknown.Column);
        if (members.Any(member => !Names.Knows(member.Name)))
            return null;
        if (members.Count == 1)
            return ReadOperand(cursor.Member(members[0]), (BoundOperator)Names.Known.IndexOf(members[0].Name));
        cursor.Error(members.Count == 0 ? "an empty object" : $"an object with {members.Count} operators", Expectation);
        return null;
    }

    internal void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WritePropertyName(Names.Known[(int)Operator]);
        if (Operator == BoundOperator.Between)
        {
            writer.WriteStartArray();
            writer.WriteNumberValue(Low);
            writer.WriteNumberValue(High);
            writer.WriteEndArray();
        }
        else
        {
            writer.WriteNumberValue(Low);
        }

        writer.WriteEndObject();
    }

    private static CountBound? ReadOperand(Cursor cursor, BoundOperator bound)
    {
        if (bound != BoundOperator.Between)
            return ReadCount(cursor) is { } count ? new(bound, count, count) : null;
        if (cursor.Items("a list of two counts, [lowest, highest]", 2, 2) is null)
            return null;
        var (first, last) = (ReadCount(cursor.Item(0)), ReadCount(cursor.Item(1)));
        if (first is not { } low || last is not { } high)
            return null;
        if (low <= high)
            return new(bound, low, high);
        cursor.Error($"[{low}, {high}]", "the lower count first");
        return null;
    }

    private static int? ReadCount(Cursor cursor)
    {
        if (cursor.Node is SourceScalar { Kind: ScalarKind.Number } scalar
            && NumericText.TryParse(Encoding.UTF8.GetBytes(scalar.Text), out var count)
            && count is >= 0 and <= DefinitionLimits.CountMax
            && decimal.IsInteger(count))
            return (int)count;
        cursor.Error($"a whole number from 0 to {DefinitionLimits.CountMax}");
        return null;
    }
}
