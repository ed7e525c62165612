namespace CohortPipeline.Rules.Sources;

/// <summary>Ends the reading of a text that breaks a rule of the file itself; caught where the reading began.</summary>
internal sealed class SourceException(int line, int column, string found, string expected) : Exception(found)
{
    public SyntaxError Error { get; } = new(line, column, found, expected);
}
