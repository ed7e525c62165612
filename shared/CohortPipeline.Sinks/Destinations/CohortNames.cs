using System.Text;

namespace CohortPipeline.Sinks;

/// <summary>The ids of a selection as UTF-8, so that looking one up makes no text.</summary>
public sealed class CohortNames(CohortSelection selection)
{
    private const int IdCharactersMax = 256;

    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _ids =
        new HashSet<string>(selection.Ids, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    public bool Include(ReadOnlySpan<byte> id)
    {
        if (selection.IsAll)
            return true;
        Span<char> text = stackalloc char[IdCharactersMax];
        return id.Length <= IdCharactersMax && _ids.Contains(text[..Encoding.UTF8.GetChars(id, text)]);
    }
}
