using System.Collections.Concurrent;
using System.Text;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.S3.Files;
using CohortPipeline.Sinks.S3.Objects;

namespace CohortPipeline.Tests.Unit.S3;

/// <summary>
/// A store in memory that keeps what it is given, answers as it is told, and can be made to break at any call. It is strict:
/// checksums must be those of the bytes, parts come in order, and what is there is never overwritten.
/// </summary>
internal sealed class FakeObjectStore : IObjectStore, IObjectStoreFactory
{
    private readonly ConcurrentQueue<StoreAnswer> _answers = new();
    private int _begun;

    public ConcurrentDictionary<string, byte[]> Objects { get; } = new(StringComparer.Ordinal);

    /// <summary>Uploads in parts that are neither completed nor given up, with what was sent of each.</summary>
    public ConcurrentDictionary<Upload, List<byte[]>> Unfinished { get; } = new();

    /// <summary>Keys in the order in which they were created.</summary>
    public ConcurrentQueue<string> Created { get; } = new();

    /// <summary>Every call that writes, refused ones too.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>Called before and after each write has its effect, and before an upload is given up.</summary>
    public Action Step { get; set; } = () => { };

    /// <summary>What a question for a checksum is answered; null: with the checksum.</summary>
    public StoreAnswer? ChecksumRefusal { get; set; }

    public IObjectStore Open(S3Destination destination) => this;

    /// <summary>The next writes are answered so, and store nothing.</summary>
    public void AnswerNext(params StoreAnswer[] answers)
    {
        foreach (var answer in answers)
            _answers.Enqueue(answer);
    }

    public string TextOf(string key) => Encoding.UTF8.GetString(Objects[key]);

    public Task<StoreAnswer> PutAsync(ObjectHead head, ReadOnlyMemory<byte> body, string crc64Nvme, CancellationToken cancellation) =>
        Task.FromResult(Write($"put {head.Key}", () => Create(head.Key, body.ToArray(), crc64Nvme)));

    public Task<UploadAnswer> BeginAsync(ObjectHead head, CancellationToken cancellation)
    {
        var upload = new Upload(head.Key, $"{Interlocked.Increment(ref _begun)}");
        var answer = Write($"begin {head.Key}", () =>
        {
            Unfinished[upload] = [];
            return StoreAnswer.Stored;
        });
        return Task.FromResult(new UploadAnswer(answer, upload));
    }

    public Task<PartAnswer> SendPartAsync(Upload upload, int number, ReadOnlyMemory<byte> body, string crc64Nvme, CancellationToken cancellation)
    {
        var answer = Write($"send {upload.Key} {number}", () =>
        {
            if (!Unfinished.TryGetValue(upload, out var parts))
                return Gone;
            Check(body.Span, crc64Nvme);
            if (parts.Count == number)
                parts.RemoveAt(number - 1);
            parts.Insert(number - 1, body.ToArray());
            return StoreAnswer.Stored;
        });
        return Task.FromResult(new PartAnswer(answer, new(number, $"tag {number}", crc64Nvme)));
    }

    public Task<StoreAnswer> CompleteAsync(Upload upload, IReadOnlyList<StoredPart> parts, string crc64Nvme, CancellationToken cancellation) =>
        Task.FromResult(Write($"complete {upload.Key}", () =>
        {
            if (!Unfinished.TryGetValue(upload, out var sent))
                return Gone;
            if (parts.Count != sent.Count)
                throw new InvalidOperationException($"{parts.Count} parts named, {sent.Count} sent");
            var answer = Create(upload.Key, [.. sent.SelectMany(part => part)], crc64Nvme);
            if (answer == StoreAnswer.Stored)
                Unfinished.TryRemove(upload, out _);
            return answer;
        }));

    public Task<StoreAnswer> AbortAsync(Upload upload, CancellationToken cancellation)
    {
        Asked.Enqueue($"abort {upload.Key}");
        Step();
        Unfinished.TryRemove(upload, out _);
        return Task.FromResult(StoreAnswer.Stored);
    }

    public Task<UnfinishedAnswer> UnfinishedAsync(string prefix, CancellationToken cancellation) =>
        Task.FromResult(new UnfinishedAnswer(StoreAnswer.Stored, [.. Unfinished.Keys.Where(upload => upload.Key.StartsWith(prefix, StringComparison.Ordinal))]));

    public Task<ChecksumAnswer> ChecksumAsync(string key, CancellationToken cancellation) => Task.FromResult(
        ChecksumRefusal is { } refusal ? new ChecksumAnswer(refusal, null)
        : Objects.TryGetValue(key, out var body) ? new ChecksumAnswer(StoreAnswer.Exists, Checksum.Of(body))
        : new ChecksumAnswer(StoreAnswer.Absent, null));

    public void Dispose()
    {
    }

    private static StoreAnswer Gone => StoreAnswer.UploadGone("NoSuchUpload", "no such upload");

    private StoreAnswer Write(string what, Func<StoreAnswer> write)
    {
        Asked.Enqueue(what);
        Step();
        if (_answers.TryDequeue(out var answer))
            return answer;
        answer = write();
        Step();
        return answer;
    }

    private StoreAnswer Create(string key, byte[] body, string crc64Nvme)
    {
        Check(body, crc64Nvme);
        if (!Objects.TryAdd(key, body))
            return StoreAnswer.Exists;
        Created.Enqueue(key);
        return StoreAnswer.Stored;
    }

    private static void Check(ReadOnlySpan<byte> body, string crc64Nvme)
    {
        if (Checksum.Of(body) != crc64Nvme)
            throw new InvalidOperationException("the checksum is not that of the bytes");
    }
}
