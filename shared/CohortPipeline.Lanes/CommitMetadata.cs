using System.Globalization;

namespace CohortPipeline.Lanes;

/// <summary>
/// The text beside a committed position: number of the commit (it goes on across owners), and who wrote it. After a commit
/// with an unknown outcome it tells whether that commit stands.
/// </summary>
public readonly record struct CommitMetadata(long Sequence, string TransactionalId, string Incarnation)
{
    private const string Version = "1";
    private const char Separator = ' ';

    public static CommitMetadata None => new(0, "", "");

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Version}{Separator}{Sequence}{Separator}{TransactionalId}{Separator}{Incarnation}");

    /// <summary>False for a text that no lane wrote.</summary>
    public static bool TryParse(string text, out CommitMetadata metadata)
    {
        metadata = None;
        if (text.Length == 0)
            return true;
        var parts = text.Split(Separator);
        if (parts.Length != 4 || parts[0] != Version || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var sequence))
            return false;
        metadata = new(sequence, parts[2], parts[3]);
        return true;
    }
}
