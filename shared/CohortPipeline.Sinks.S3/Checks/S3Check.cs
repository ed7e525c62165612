using CohortPipeline.Sinks.S3.Files;
using CohortPipeline.Sinks.S3.Objects;

namespace CohortPipeline.Sinks.S3.Checks;

/// <summary>
/// Tries what a sink will do with its bucket. What changes nothing is always tried; a small object, always the same and under
/// the destination's path, is written only where that is asked for. It stays: no sink may delete.
/// </summary>
internal sealed class S3Check(S3Destination destination, IObjectStore store)
{
    private static readonly byte[] Probe = "CohortPipeline was here to check that it can write. This object may be deleted.\n"u8.ToArray();

    private readonly string _key = ObjectNames.Probe(FileLayout.Of(destination));
    private readonly List<CheckLine> _lines = [];

    public async Task<IReadOnlyList<CheckLine>> RunAsync(bool send, CancellationToken cancellation)
    {
        var unfinished = await store.UnfinishedAsync(ObjectNames.Prefix(FileLayout.Of(destination)), cancellation).ConfigureAwait(false);
        Judge("s3:ListBucketMultipartUploads", unfinished.Answer, StoreAnswerKind.Stored);
        if (!send)
        {
            _lines.Add(CheckLine.Skip("s3:PutObject", $"nothing was written; --send puts `{_key}`, a small object that stays"));
            return _lines;
        }

        if (!Judge("s3:PutObject", await PutAsync(cancellation).ConfigureAwait(false), StoreAnswerKind.Stored, StoreAnswerKind.Exists))
            return _lines;
        Judge("nothing is overwritten", await PutAsync(cancellation).ConfigureAwait(false), StoreAnswerKind.Exists);
        await CheckReading(cancellation).ConfigureAwait(false);
        var begun = await store.BeginAsync(new($"{_key}.parts", "text/plain"), cancellation).ConfigureAwait(false);
        if (Judge("upload in parts", begun.Answer, StoreAnswerKind.Stored))
            Judge("s3:AbortMultipartUpload", await store.AbortAsync(begun.Upload, cancellation).ConfigureAwait(false), StoreAnswerKind.Stored);
        return _lines;
    }

    private Task<StoreAnswer> PutAsync(CancellationToken cancellation) => store.PutAsync(new(_key, "text/plain"), Probe, Checksum.Of(Probe), cancellation);

    private async Task CheckReading(CancellationToken cancellation)
    {
        var (answer, checksum) = await store.ChecksumAsync(_key, cancellation).ConfigureAwait(false);
        if (answer.Kind == StoreAnswerKind.Exists && checksum != Checksum.Of(Probe))
            _lines.Add(CheckLine.Fail("s3:GetObject", $"`{_key}` is there with checksum {checksum ?? "none"}, and is not ours: move it away, and check again"));
        else
            Judge("s3:GetObject", answer, StoreAnswerKind.Exists);
    }

    private bool Judge(string name, in StoreAnswer answer, params ReadOnlySpan<StoreAnswerKind> passes)
    {
        var isPassed = passes.Contains(answer.Kind);
        _lines.Add(isPassed
            ? CheckLine.Pass(name, answer.Kind == StoreAnswerKind.Exists ? $"`{_key}` is there" : destination.Bucket)
            : CheckLine.Fail(name, answer.Kind == StoreAnswerKind.Stored ? $"`{_key}` was written over: the store does not keep to If-None-Match" : $"{answer.Code}: {answer.Detail}"));
        return isPassed;
    }
}
