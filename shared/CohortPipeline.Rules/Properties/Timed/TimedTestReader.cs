using System.Collections.Immutable;
using CohortPipeline.Rules.Definitions.Parsing;
using CohortPipeline.Rules.Ranges;
using CohortPipeline.Rules.Sources;

namespace CohortPipeline.Rules.Properties.Timed;

/// <summary>Reads the operators that place a property in time.</summary>
internal static class TimedTestReader
{
    public static ImmutableArray<string> Names { get; } = [InLastTest.Operator, InNextTest.Operator, BesideTest.Before, BesideTest.After];

    public static TimedTest? Read(Cursor cursor, string name, ZoneCalendar calendar)
    {
        if (name is BesideTest.Before or BesideTest.After)
        {
            if (cursor.Node is SourceScalar { Kind: ScalarKind.Text, Text: BesideTest.Now })
                return new BesideTest(name, null, calendar);
            return InstantReader.Read(cursor, calendar) is { } instant ? new BesideTest(name, instant, calendar) : null;
        }

        if (Duration.Read(cursor) is not { } length)
            return null;
        return name == InLastTest.Operator ? new InLastTest(length, calendar) : new InNextTest(length, calendar);
    }
}
