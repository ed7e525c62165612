using System.Text;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.S3.Files;
using CohortPipeline.Sinks.S3.Objects;
using CohortPipeline.Sinks.S3.Publishing;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace CohortPipeline.Tests.Unit.S3;

public sealed class SyncPublisherTests
{
    private readonly FakeObjectStore _store = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly Heard _heard = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Uploads_one_after_the_other_in_order()
    {
        await Publish(Item("a"), Item("b"), Item("c"));
        Assert.Equal(["a", "b", "c"], _store.Created);
    }

    [Fact]
    public async Task An_object_that_is_there_with_the_same_checksum_was_stored_before()
    {
        _store.Objects["a"] = "body of a"u8.ToArray();
        await Publish(Item("a"), Item("b"));
        Assert.Equal(["b"], _store.Created);
        Assert.Equal(["a again", "b"], _heard.Stored);
    }

    [Fact]
    public async Task An_object_that_differs_parks_and_is_never_overwritten()
    {
        _store.Objects["a"] = "somebody else's"u8.ToArray();
        var publishing = Publish(Item("a"), Item("b"));
        Assert.StartsWith("ObjectDiffers", Assert.Single(_heard.Parked), StringComparison.Ordinal);
        Assert.Equal("somebody else's", _store.TextOf("a"));
        Assert.False(publishing.IsCompleted);

        _store.Objects.TryRemove("a", out _);
        await Finish(publishing);
        Assert.Equal(["a", "b"], _store.Created);
    }

    [Fact]
    public async Task What_passes_is_tried_again_and_parks_only_after_many_attempts()
    {
        _store.AnswerNext([.. Enumerable.Repeat(StoreAnswer.TryAgain("ConditionalRequestConflict", "409"), PublishingLimits.AttemptsBeforeParked - 1)]);
        await Finish(Publish(Item("a")));
        Assert.Empty(_heard.Parked);
        Assert.Equal(PublishingLimits.AttemptsBeforeParked - 1, _heard.Failed);
        Assert.Equal(["a"], _store.Created);

        _store.AnswerNext([.. Enumerable.Repeat(StoreAnswer.TryAgain("SlowDown", "503"), PublishingLimits.AttemptsBeforeParked)]);
        await Finish(Publish(Item("b")));
        Assert.Single(_heard.Parked);
    }

    private Task Publish(params SyncObject[] items) => new SyncPublisher(_store, _heard, _clock, () => 1).PublishAsync(items, Cancellation);

    /// <summary>Lets back-off pass until the publishing is done.</summary>
    private async Task Finish(Task publishing)
    {
        while (!publishing.IsCompleted)
        {
            _clock.Advance(RetryPlan.OfCalls.Longest);
            await Task.Yield();
        }

        await publishing;
    }

    private static SyncObject Item(string key) => SyncObject.Of(key, "text/csv", 1, Encoding.UTF8.GetBytes($"body of {key}"));

    private sealed class Heard : IPublishingObserver
    {
        private readonly List<string> _stored = [];
        private readonly List<string> _parked = [];

        public IReadOnlyList<string> Stored => _stored;

        public IReadOnlyList<string> Parked => _parked;

        public int Failed { get; private set; }

        void IPublishingObserver.Stored(SyncObject item, bool wasThereBefore) => _stored.Add(wasThereBefore ? $"{item.Key} again" : item.Key);

        void IPublishingObserver.Failed(SyncObject item, StoreAnswer answer) => Failed++;

        void IPublishingObserver.Parked(StoreAnswer answer) => _parked.Add($"{answer.Code}: {answer.Detail}");
    }
}
