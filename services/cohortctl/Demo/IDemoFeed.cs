namespace CohortPipeline.CohortCtl.Demo;

/// <summary>Where the demo's records come from: the shop, or a file.</summary>
internal interface IDemoFeed
{
    string Phase { get; }

    /// <summary>Between 0 and 1.</summary>
    double Progress { get; }

    long Published { get; }

    /// <summary>Sentences for the summary: what was special about the records.</summary>
    IReadOnlyList<string> Notes { get; }

    /// <summary>Publishes everything there is.</summary>
    Task RunAsync(CancellationToken cancellation);
}
