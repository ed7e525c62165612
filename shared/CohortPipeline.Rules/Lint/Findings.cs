namespace CohortPipeline.Rules.Lint;

/// <summary>What lint finds in one definition.</summary>
internal sealed class Findings
{
    private readonly List<(SourcePath Path, string Text)> _all = [];

    public IReadOnlyList<(SourcePath Path, string Text)> All => _all;

    public void Add(SourcePath path, string text) => _all.Add((path, text));

    public void AddNever(SourcePath path, SourcePath other) => Add(path, $"this and {other} can never hold together");

    public void AddOnlyForLists(SourcePath path, SourcePath other, string property) =>
        Add(path, ReferenceEquals(path, other)
            ? $"its operators can hold together only where `{property}` is a list"
            : $"this and {other} can hold together only where `{property}` is a list");
}
