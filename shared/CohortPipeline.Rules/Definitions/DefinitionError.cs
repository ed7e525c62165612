using System.Text;

namespace CohortPipeline.Rules.Definitions;

/// <summary>
/// One thing that is wrong in a definition file. Line and column count from 1; <paramref name="Path"/> leads to the value
/// inside its definition (<c>where.all[0].did.count</c>), empty for the file itself.
/// </summary>
/// <param name="Nearest">The known name that a misspelt one is closest to; null for none.</param>
public sealed record DefinitionError(string File, int Line, int Column, string Path, string Found, string Expected, string? Nearest = null)
{
    public override string ToString()
    {
        var text = new StringBuilder($"{File}:{Line}:{Column}: ");
        if (Path.Length > 0)
            text.Append(Path).Append(": ");
        text.Append("found ").Append(Found).Append(", expected ").Append(Expected);
        if (Nearest is not null)
            text.Append("; did you mean `").Append(Nearest).Append("`?");
        return text.ToString();
    }
}
