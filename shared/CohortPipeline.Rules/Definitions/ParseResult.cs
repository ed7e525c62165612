using System.Collections.Immutable;

namespace CohortPipeline.Rules.Definitions;

/// <summary>A file is accepted whole or not at all: either definitions, in the file's order, or every error of the file, in the order of their places.</summary>
public sealed class ParseResult
{
    internal ParseResult(ImmutableArray<CohortDefinition> definitions, ImmutableArray<DefinitionError> errors)
    {
        Definitions = errors.IsEmpty ? definitions : [];
        Errors = errors;
    }

    public ImmutableArray<CohortDefinition> Definitions { get; }

    public ImmutableArray<DefinitionError> Errors { get; }

    public bool IsAccepted => Errors.IsEmpty;
}
