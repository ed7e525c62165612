using System.Collections.Immutable;
using CohortPipeline.Rules.Definitions;
using CohortPipeline.Rules.Plans;
using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Sources;
using CohortPipeline.Rules.Steps;

namespace CohortPipeline.Rules.Lint;

/// <summary>
/// Warns of what is legal and rarely meant (<c>docs/spec/cohorts.md</c> §8): a definition that a user without any event
/// satisfies, clauses that can never hold together, <c>contains</c> on what looks like a list.
/// </summary>
public static class DefinitionLint
{
    private static readonly SourcePath Where = SourcePath.Of("where");
    private static readonly ImmutableDictionary<string, int> NoOtherCohorts = ImmutableDictionary<string, int>.Empty;

    /// <summary>The warnings of a definition file, in the order of their places; none for a file with errors.</summary>
    /// <param name="text">The file's content.</param>
    /// <param name="fileName">Stands in warnings.</param>
    public static ImmutableArray<LintWarning> Check(string text, string fileName)
    {
        var parsed = DefinitionParser.Parse(text, fileName);
        if (!parsed.IsAccepted)
            return [];
        var sources = SourceText.Read(text, out _).SelectMany(document => document is SourceList list ? list.Items : [document]);
        return
        [
            .. parsed.Definitions.Zip(sources)
                .SelectMany(pair => Of(pair.First).All.Select(finding => Warning(pair.First, pair.Second, finding.Path, finding.Text)))
                .OrderBy(warning => warning.Line).ThenBy(warning => warning.Column),
        ];

        LintWarning Warning(CohortDefinition definition, SourceNode source, SourcePath path, string sentence)
        {
            var node = path.FindIn(source);
            return new(fileName, node.Line, node.Column, definition.Id, path.ToString(), sentence);
        }
    }

    private static Findings Of(CohortDefinition definition)
    {
        var findings = new Findings();
        var condition = definition.Where.Compile(new(new BehaviorSlots(0), NoOtherCohorts));
        if (condition.Holds(new Profile(), new Scratch()))
            findings.Add(Where, "a user without any event is a member");
        new ClauseLint(findings).Check(definition.Where, Where);
        return findings;
    }
}
