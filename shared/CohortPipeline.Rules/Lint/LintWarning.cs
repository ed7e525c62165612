namespace CohortPipeline.Rules.Lint;

/// <summary>Something legal in a definition that is rarely meant. Line and column count from 1; <paramref name="Path"/> leads to it inside its definition.</summary>
public sealed record LintWarning(string File, int Line, int Column, string CohortId, string Path, string Text)
{
    public override string ToString() => $"{File}:{Line}:{Column}: warning: {Path}: {Text}";
}
