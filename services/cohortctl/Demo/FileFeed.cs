using CohortPipeline.Control;
using CohortPipeline.Ingest;

namespace CohortPipeline.CohortCtl.Demo;

/// <summary>Publishes a file of producers' records, then the final watermark at its newest record.</summary>
internal sealed class FileFeed(IServiceProvider services, DemoOptions options) : IDemoFeed
{
    private PublishProgress _progress;
    private PublishedFile? _published;

    public string Phase => Progress < 1 ? "the file is published" : "the file is read to its end";

    public double Progress => _progress.LengthBytes == 0 ? 0 : (double)_progress.ReadBytes / _progress.LengthBytes;

    public long Published => _published?.Records ?? _progress.Published;

    public IReadOnlyList<string> Notes => _published is null
        ? []
        :
        [
            $"{_published.BadLines} lines of {_published.File} were no records",
            .. _published.Errors.Select(line => $"  line {line.Line}: {line.Reason}"),
            $"the final watermark is {_published.Until}",
        ];

    public async Task RunAsync(CancellationToken cancellation)
    {
        var path = options.Input!;
        var request = new PublishRequest(path, Path.GetFileName(path), Topic: null, options.Map, Until: "end");
        var result = await services.GetRequiredService<FilePublishing>().PublishAsync(request, progress => _progress = progress, cancellation);
        DemoRun.ThrowIfRefused(result.Error);
        _published = result.Value;
    }
}
