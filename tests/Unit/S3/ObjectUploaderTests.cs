using System.Text;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.S3.Files;
using CohortPipeline.Sinks.S3.Objects;
using CohortPipeline.Sinks.S3.Publishing;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace CohortPipeline.Tests.Unit.S3;

public sealed class ObjectUploaderTests
{
    private readonly FakeObjectStore _store = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly Heard _heard = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_object_that_is_there_with_the_same_checksum_was_stored_before()
    {
        _store.Objects["a"] = "body of a"u8.ToArray();
        await Upload(Item("a"));
        Assert.Empty(_store.Created);
        Assert.Equal(["a again"], _heard.Stored);
    }

    [Fact]
    public async Task An_object_that_differs_parks_and_is_never_overwritten()
    {
        _store.Objects["a"] = "somebody else's"u8.ToArray();
        var uploading = Upload(Item("a", "body ", "of a"));
        Assert.StartsWith("ObjectDiffers", Assert.Single(_heard.Parked), StringComparison.Ordinal);
        Assert.Equal("somebody else's", _store.TextOf("a"));
        Assert.False(uploading.IsCompleted);

        _store.Objects.TryRemove("a", out _);
        await Finish(uploading);
        Assert.Equal("body of a", _store.TextOf("a"));
    }

    [Fact]
    public async Task Without_the_right_to_ask_what_is_there_it_parks_and_overwrites_nothing()
    {
        _store.Objects["a"] = "body of a"u8.ToArray();
        _store.ChecksumRefusal = StoreAnswer.Refused("AccessDenied", "no s3:GetObject");
        var uploading = Upload(Item("a"));
        Assert.StartsWith("AccessDenied", Assert.Single(_heard.Parked), StringComparison.Ordinal);
        Assert.False(uploading.IsCompleted);

        _store.ChecksumRefusal = null;
        await Finish(uploading);
        Assert.Equal(["a again"], _heard.Stored);
    }

    [Fact]
    public async Task A_conflict_is_tried_again_and_parks_nobody()
    {
        _store.AnswerNext([.. Enumerable.Repeat(StoreAnswer.TryAgain("ConditionalRequestConflict", "409"), PublishingLimits.AttemptsBeforeParked - 1)]);
        await Finish(Upload(Item("a")));
        Assert.Empty(_heard.Parked);
        Assert.Equal(PublishingLimits.AttemptsBeforeParked - 1, _heard.Failed);
        Assert.Equal(["a"], _store.Created);
    }

    [Fact]
    public async Task Parts_are_sent_in_order_and_each_again_where_it_failed()
    {
        _store.AnswerNext(StoreAnswer.TryAgain("SlowDown", "503"));
        var uploading = Upload(Item("a", "one,", "two,", "three"));
        _store.Step = () =>
        {
            if (_store.Asked.Last() == "send a 1" && _heard.Failed == 1)
                _store.AnswerNext(StoreAnswer.TryAgain("Network", "reset"));
        };
        await Finish(uploading);
        Assert.Equal("one,two,three", _store.TextOf("a"));
        Assert.Equal(["begin a", "begin a", "send a 1", "send a 1", "send a 2", "send a 3", "complete a"], _store.Asked);
        Assert.Equal(2, _heard.Failed);
        Assert.Empty(_store.Unfinished);
    }

    [Fact]
    public async Task An_upload_that_somebody_gave_up_is_begun_anew()
    {
        var sent = 0;
        _store.Step = () =>
        {
            if (++sent == 5)
                _store.Unfinished.Clear();
        };
        await Finish(Upload(Item("a", "one,", "two,", "three")));
        Assert.Equal("one,two,three", _store.TextOf("a"));
        Assert.Equal(2, _store.Asked.Count(asked => asked == "begin a"));
    }

    [Fact]
    public async Task A_broken_off_upload_is_given_up()
    {
        using var stop = new CancellationTokenSource();
        _store.Step = () =>
        {
            if (_store.Asked.Last() == "send a 2")
                stop.Cancel();
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Uploader.UploadAsync(new("a", "text/csv"), Item("a", "one,", "two,", "three").Content, stop.Token));
        Assert.Equal("abort a", _store.Asked.Last());
        Assert.Empty(_store.Objects);
    }

    private ObjectUploader Uploader => new(_store, _heard, _clock, () => 1);

    private Task Upload((string Key, FixedContent Content) item) => Uploader.UploadAsync(new(item.Key, "text/csv"), item.Content, Cancellation);

    /// <summary>Lets back-off pass until the uploading is done.</summary>
    private async Task Finish(Task uploading)
    {
        while (!uploading.IsCompleted)
        {
            _clock.Advance(RetryPlan.OfCalls.Longest);
            await Task.Yield();
        }

        await uploading;
    }

    private static (string Key, FixedContent Content) Item(string key, params string[] parts) =>
        (key, new([.. (parts is [] ? [$"body of {key}"] : parts).Select(Encoding.UTF8.GetBytes)]));

    private sealed class FixedContent(byte[][] parts) : IObjectContent
    {
        private int _read;

        public ReadOnlyMemory<byte> Part => parts[_read - 1];

        public ContentDigest Digest => ContentDigest.Of(parts.Take(_read).SelectMany(part => part).ToArray());

        public Task<bool> ReadAsync(CancellationToken cancellation) => Task.FromResult(++_read == parts.Length);

        public void StartOver() => _read = 0;
    }

    private sealed class Heard : IPublishingObserver
    {
        private readonly List<string> _stored = [];
        private readonly List<string> _parked = [];

        public IReadOnlyList<string> Stored => _stored;

        public IReadOnlyList<string> Parked => _parked;

        public int Failed { get; private set; }

        void IPublishingObserver.Stored(ObjectHead item, long bytes, bool wasThereBefore) => _stored.Add(wasThereBefore ? $"{item.Key} again" : item.Key);

        void IPublishingObserver.Failed(string key, StoreAnswer answer) => Failed++;

        void IPublishingObserver.Parked(StoreAnswer answer) => _parked.Add($"{answer.Code}: {answer.Detail}");
    }
}
