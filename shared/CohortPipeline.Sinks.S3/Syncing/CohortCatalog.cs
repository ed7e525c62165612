using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Log;

namespace CohortPipeline.Sinks.S3.Syncing;

/// <summary>Which cohorts there are, and their versions: <c>cohort-definitions</c> as far as it was read.</summary>
internal sealed class CohortCatalog : IDisposable
{
    private static readonly TimeSpan PollWait = TimeSpan.FromMilliseconds(100);

    private readonly TopicFollower _definitions;
    private readonly Dictionary<string, int> _versions = new(StringComparer.Ordinal);

    private CohortCatalog(TopicFollower definitions) => _definitions = definitions;

    public IEnumerable<string> Ids => _versions.Keys;

    /// <summary>Opens the catalog and reads what there is.</summary>
    public static CohortCatalog Open(ILog log, PipelineTopics topics, string readerName, CancellationToken cancellation)
    {
        var follower = TopicFollower.OpenAsync(log, readerName, [topics.CohortDefinitions.Name], cancellation).GetAwaiter().GetResult();
        var catalog = new CohortCatalog(follower);
        while (!follower.IsCaughtUp)
        {
            cancellation.ThrowIfCancellationRequested();
            follower.Poll(catalog.Take, PollWait);
        }

        return catalog;
    }

    /// <summary>The version of a cohort that is defined; 0 for one that is not, or was deleted.</summary>
    public int VersionOf(string cohortId) => _versions.GetValueOrDefault(cohortId);

    /// <summary>Takes in what has come since, without waiting for more. While the log is away, what was read stands.</summary>
    public void Refresh()
    {
        try
        {
            _definitions.Poll(Take, TimeSpan.Zero);
        }
        catch (LogUnavailableException)
        {
            // The runner's own poll waits for the log, and says so.
        }
    }

    public void Dispose() => _definitions.Dispose();

    private void Take(in LogRecord record)
    {
        var id = Encoding.UTF8.GetString(record.Key);
        if (!record.IsTombstone && CohortDefinitionRow.TryRead(id, record.Value, out var row, out _) && !row.IsDeleted)
            _versions[id] = row.Version;
        else
            _versions.Remove(id);
    }
}
