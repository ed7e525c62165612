namespace CohortPipeline.Evaluator;

/// <summary>Says when people should hear that sources which never reported hold a partition's time: not while all may just be starting, and once for the same sources.</summary>
/// <param name="since">When the partition came here, epoch milliseconds.</param>
internal sealed class SourceWatch(long since)
{
    private const long PatienceMilliseconds = 30_000;

    private string _told = "";

    /// <summary>The sources to tell of; null for none, or none that were not told of.</summary>
    public string? ToTell(IEnumerable<string> missing, long now)
    {
        var text = string.Join(", ", missing);
        if (text == _told || now - since < PatienceMilliseconds)
            return null;
        _told = text;
        return text.Length == 0 ? null : text;
    }
}
