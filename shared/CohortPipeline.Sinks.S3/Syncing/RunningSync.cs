using CohortPipeline.Sinks.S3.Files;
using CohortPipeline.Sinks.S3.Publishing;

namespace CohortPipeline.Sinks.S3.Syncing;

/// <summary>A sync that is being published, and then, rows that its layout refuses being read for the dead letters, a bounded share at a time.</summary>
internal sealed class RunningSync(FoldedCohort cohort, SyncContext context, Task<PublishedSync> published, long startedAt) : IDisposable
{
    private const int RefusedRowsMax = 1_000;
    private const int RefusedBytesMax = 4 * 1024 * 1024;

    private IEnumerator<RefusedRow>? _rows;
    private Task<RefusedRows>? _refused;

    public FoldedCohort Cohort => cohort;

    public long StartedAt => startedAt;

    /// <summary>What runs now has ended.</summary>
    public bool IsReady => _refused?.IsCompleted ?? published.IsCompleted;

    /// <exception cref="Exception">Whatever broke the publishing.</exception>
    public PublishedSync Published => published.GetAwaiter().GetResult();

    /// <summary>The rows that were read last; null where none were asked for yet.</summary>
    public RefusedRows? Refused => _refused?.GetAwaiter().GetResult();

    /// <summary>Begins to read on. Rows that are dead letters already are left out.</summary>
    public void ReadRefused(CancellationToken cancellation) => _refused = Task.Run(
        () =>
        {
            _rows ??= MemberListing.Refused(context, cohort.Snapshot).Skip((int)context.Plan.RefusedTold).GetEnumerator();
            return Read(_rows, cancellation);
        },
        cancellation);

    /// <summary>Waits for what runs, whatever becomes of it.</summary>
    public void Dispose()
    {
        Task.WhenAny(published).Wait();
        if (_refused is not null)
            Task.WhenAny(_refused).Wait();
        published.Exception?.Handle(_ => true);
        _refused?.Exception?.Handle(_ => true);
        _rows?.Dispose();
    }

    private static RefusedRows Read(IEnumerator<RefusedRow> rows, CancellationToken cancellation)
    {
        var read = new List<RefusedRow>();
        var bytes = 0;
        while (read.Count < RefusedRowsMax && bytes < RefusedBytesMax)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!rows.MoveNext())
                return new(read, IsLast: true);
            read.Add(rows.Current);
            bytes += rows.Current.Row.Length;
        }

        return new(read, IsLast: false);
    }
}

/// <summary>Some of the rows that a sync refuses.</summary>
/// <param name="IsLast">There are no more.</param>
internal sealed record RefusedRows(IReadOnlyList<RefusedRow> Rows, bool IsLast);
