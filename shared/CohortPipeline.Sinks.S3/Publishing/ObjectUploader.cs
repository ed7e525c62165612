using CohortPipeline.Sinks.S3.Files;
using CohortPipeline.Sinks.S3.Objects;

namespace CohortPipeline.Sinks.S3.Publishing;

/// <summary>Hears how the publishing of a sync goes. Called from any thread.</summary>
internal interface IPublishingObserver
{
    void Stored(ObjectHead item, long bytes, bool wasThereBefore);

    void Failed(string key, StoreAnswer answer);

    /// <summary>The store has refused, or failed too often: somebody must look. It is tried again until it works.</summary>
    void Parked(StoreAnswer answer);
}

/// <summary>An object's bytes, part by part, and the same ones again after <see cref="StartOver"/>.</summary>
internal interface IObjectContent
{
    /// <summary>Of the part that was read last; borrowed until the next.</summary>
    ReadOnlyMemory<byte> Part { get; }

    /// <summary>Of everything that was read.</summary>
    ContentDigest Digest { get; }

    /// <summary>Goes on to the next part. True where it is the last.</summary>
    Task<bool> ReadAsync(CancellationToken cancellation);

    void StartOver();
}

/// <summary>Uploads an object as <see cref="UploadSteps"/> says, until it is stored.</summary>
internal sealed class ObjectUploader(IObjectStore store, IPublishingObserver observer, TimeProvider clock, Func<double> jitter)
{
    /// <summary>How long a broken-off upload may take to be given up: the next start gives up what is left.</summary>
    private static readonly TimeSpan AbortTimeout = TimeSpan.FromSeconds(2);

    public async Task UploadAsync(ObjectHead head, IObjectContent content, CancellationToken cancellation)
    {
        var upload = new RunningUpload(head, content);
        var steps = new UploadSteps();
        try
        {
            while (steps.Command != UploadCommand.Done)
            {
                cancellation.ThrowIfCancellationRequested();
                steps = steps.After(await DoAsync(steps, upload, cancellation).ConfigureAwait(false));
            }
        }
        catch
        {
            await AbortAsync(upload, CancellationToken.None).ConfigureAwait(false);
            throw;
        }

        observer.Stored(head, content.Digest.Bytes, steps.WasThereBefore);
    }

    private async Task<UploadInput> DoAsync(UploadSteps steps, RunningUpload running, CancellationToken cancellation)
    {
        var (head, content) = (running.Head, running.Content);
        switch (steps.Command)
        {
            case UploadCommand.Read:
                return new UploadInput.PartRead(await content.ReadAsync(cancellation).ConfigureAwait(false));
            case UploadCommand.Put:
                return new UploadInput.Answered(await store.PutAsync(head, content.Part, content.Digest.Crc64Nvme, cancellation).ConfigureAwait(false));
            case UploadCommand.Begin:
                return new UploadInput.Answered(running.Begun(await store.BeginAsync(head, cancellation).ConfigureAwait(false)));
            case UploadCommand.Send:
                return new UploadInput.Answered(running.Sent(
                    await store.SendPartAsync(running.Upload!.Value, running.Parts.Count + 1, content.Part, Checksum.Of(content.Part.Span), cancellation).ConfigureAwait(false)));
            case UploadCommand.Complete:
                return new UploadInput.Answered(running.Completed(
                    await store.CompleteAsync(running.Upload!.Value, running.Parts, content.Digest.Crc64Nvme, cancellation).ConfigureAwait(false)));
            case UploadCommand.Compare:
                return new UploadInput.Answered(await CompareAsync(head.Key, content.Digest.Crc64Nvme, cancellation).ConfigureAwait(false));
            case UploadCommand.Abort:
                return new UploadInput.Answered(await AbortAsync(running, cancellation).ConfigureAwait(false));
            case UploadCommand.Wait:
                await WaitAsync(head.Key, steps, cancellation).ConfigureAwait(false);
                return new UploadInput.Ready();
            case UploadCommand.StartOver:
                await AbortAsync(running, cancellation).ConfigureAwait(false);
                content.StartOver();
                return new UploadInput.Ready();
            default:
                throw new InvalidOperationException($"nothing to do for {steps.Command}");
        }
    }

    private async Task<StoreAnswer> CompareAsync(string key, string crc64Nvme, CancellationToken cancellation)
    {
        var (answer, stored) = await store.ChecksumAsync(key, cancellation).ConfigureAwait(false);
        if (answer.Kind != StoreAnswerKind.Exists)
            return answer;
        return stored == crc64Nvme
            ? StoreAnswer.Stored
            : StoreAnswer.Refused("ObjectDiffers", $"`{key}` is there with checksum {stored ?? "none"}, this sync's has {crc64Nvme}; nothing was overwritten");
    }

    private async Task WaitAsync(string key, UploadSteps steps, CancellationToken cancellation)
    {
        observer.Failed(key, steps.Failure);
        if (steps.IsParked)
            observer.Parked(steps.Failure);
        await Task.Delay(RetryPlan.OfCalls.Delay(steps.Attempt, jitter()), clock, cancellation).ConfigureAwait(false);
    }

    private async Task<StoreAnswer> AbortAsync(RunningUpload running, CancellationToken cancellation)
    {
        if (running.Upload is not { } upload)
            return StoreAnswer.Stored;
        running.Upload = null;
        running.Parts.Clear();
        using var timeout = new CancellationTokenSource(AbortTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        try
        {
            return await store.AbortAsync(upload, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return StoreAnswer.TryAgain("TimedOut", "the upload was not given up in time; the next start does it");
        }
    }

    /// <summary>What the store holds of an upload in parts.</summary>
    private sealed class RunningUpload(ObjectHead head, IObjectContent content)
    {
        public ObjectHead Head { get; } = head;

        public IObjectContent Content { get; } = content;

        /// <summary>Null while there is nothing to give up.</summary>
        public Upload? Upload { get; set; }

        public List<StoredPart> Parts { get; } = [];

        public StoreAnswer Begun(in UploadAnswer begun)
        {
            if (begun.Answer == StoreAnswer.Stored)
                Upload = begun.Upload;
            return begun.Answer;
        }

        public StoreAnswer Sent(in PartAnswer sent)
        {
            if (sent.Answer == StoreAnswer.Stored)
                Parts.Add(sent.Part);
            return sent.Answer;
        }

        public StoreAnswer Completed(in StoreAnswer answer)
        {
            if (answer.Kind is StoreAnswerKind.Stored or StoreAnswerKind.UploadGone)
                Upload = null;
            return answer;
        }
    }
}
