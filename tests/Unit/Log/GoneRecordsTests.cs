using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.Log.Embedded;
using CohortPipeline.Sinks.Kinesis;
using Xunit;

namespace CohortPipeline.Tests.Unit.Log;

/// <summary>Where a reader's next records are gone and the log does not answer at once what the first is that there is, whoever follows goes on when it does.</summary>
public sealed class GoneRecordsTests : IDisposable
{
    private const int Rows = 3;

    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(10);

    private readonly string _folder = Directory.CreateTempSubdirectory("gone-").FullName;
    private readonly PipelineTopics _topics = new("gone", partitionCount: 1, activityRetention: null);
    private readonly EmbeddedLog _embedded;
    private readonly ForgetfulLog _log;

    public GoneRecordsTests()
    {
        _embedded = EmbeddedLog.Open(_folder, TimeProvider.System);
        _log = new(_embedded);
    }

    public void Dispose()
    {
        _embedded.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_follower_goes_on()
    {
        await FillAsync();
        using var follower = await TopicFollower.OpenAsync(_log, "test", [_topics.Memberships.Name], TestContext.Current.CancellationToken);
        var seen = 0;
        LosesItsPlaceAndGoesOn(() => follower.Poll((in LogRecord _) => seen++, Wait), () => seen);
        Assert.True(follower.IsCaughtUp);
    }

    [Fact]
    public async Task A_scan_of_rows_goes_on()
    {
        await FillAsync();
        using var scan = RowScan.FromTheBeginning(_log, _topics);
        scan.ReadToEnd();
        var seen = 0;
        LosesItsPlaceAndGoesOn(() => scan.Poll((_, _) => ++seen > 0, Wait), () => seen);
        Assert.True(scan.IsDone);
    }

    private void LosesItsPlaceAndGoesOn(Action poll, Func<int> seen)
    {
        _log.IsAway = true;
        _log.LoseThePlace();
        for (var polls = 0; polls < 3; polls++)
            Assert.True(Record.Exception(poll) is null or LogUnavailableException);
        Assert.Equal(0, seen());
        _log.IsAway = false;
        for (var polls = 0; polls < 100 && seen() < Rows; polls++)
            poll();
        Assert.Equal(Rows, seen());
    }

    private async Task FillAsync()
    {
        await _embedded.Admin.CreateAsync(_topics.Memberships, TestContext.Current.CancellationToken);
        using var writer = _embedded.OpenWriter("test");
        for (var row = 0; row < Rows; row++)
            writer.Append(writer.Topic(_topics.Memberships.Name), 0, "buyers/u:ada"u8, "{}"u8);
        Assert.Equal(CommitOutcome.Committed, writer.Commit(null, []));
    }
}
