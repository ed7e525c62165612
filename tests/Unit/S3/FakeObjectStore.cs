using System.Collections.Concurrent;
using System.Text;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.S3.Files;
using CohortPipeline.Sinks.S3.Objects;

namespace CohortPipeline.Tests.Unit.S3;

/// <summary>A store in memory that keeps what it is given, answers as it is told, and can be made to break at any call.</summary>
internal sealed class FakeObjectStore : IObjectStore, IObjectStoreFactory
{
    private readonly ConcurrentQueue<StoreAnswer> _answers = new();

    public ConcurrentDictionary<string, byte[]> Objects { get; } = new(StringComparer.Ordinal);

    /// <summary>Keys in the order in which they were created.</summary>
    public ConcurrentQueue<string> Created { get; } = new();

    /// <summary>Every write that was asked for, refused ones too.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>Called before and after each write has its effect.</summary>
    public Action Step { get; set; } = () => { };

    public IObjectStore Open(S3Destination destination) => this;

    /// <summary>The next writes are answered so, and store nothing.</summary>
    public void AnswerNext(params StoreAnswer[] answers)
    {
        foreach (var answer in answers)
            _answers.Enqueue(answer);
    }

    public string TextOf(string key) => Encoding.UTF8.GetString(Objects[key]);

    public Task<StoreAnswer> PutAsync(SyncObject item, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Asked.Enqueue(item.Key);
        Step();
        if (_answers.TryDequeue(out var answer))
            return Task.FromResult(answer);
        var isNew = Objects.TryAdd(item.Key, item.Body.ToArray());
        if (isNew)
            Created.Enqueue(item.Key);
        Step();
        return Task.FromResult(isNew ? StoreAnswer.Stored : StoreAnswer.Exists);
    }

    public Task<ChecksumAnswer> ChecksumAsync(string key, CancellationToken cancellation) =>
        Task.FromResult(Objects.TryGetValue(key, out var body)
            ? new ChecksumAnswer(StoreAnswer.Exists, Checksum.Of(body))
            : new ChecksumAnswer(StoreAnswer.TryAgain("NotFound", "gone"), null));

    public void Dispose()
    {
    }
}
