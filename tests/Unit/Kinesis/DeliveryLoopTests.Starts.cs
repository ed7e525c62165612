using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.Kinesis;
using CohortPipeline.TestKit.Proof;
using Xunit;
using static CohortPipeline.Tests.Unit.Kinesis.Samples;

namespace CohortPipeline.Tests.Unit.Kinesis;

/// <summary>How destinations, and cohorts of them, begin.</summary>
public sealed partial class DeliveryLoopTests
{
    [Fact]
    public async Task A_new_destination_begins_with_the_members_there_are_and_goes_on_with_what_changes()
    {
        Append(50);
        Rows(("ada", true), ("bob", false), ("cyd", true));
        _hasPositions = true;
        await using var sender = new Scripted { IsBlocked = true };
        var destination = Destination("amplitude-cohort", "identifier_field: user_id");
        await RunUntil(destination, sender, async () =>
        {
            if (_status.Report.State == SinkState.Snapshot && _status.Report.Counts.InFlight == 2 && sender.IsBlocked)
            {
                Append("u:ada", Delta("ada", change: MembershipChange.Exit, version: 9, at: At + 9_000));
                sender.IsBlocked = false;
            }

            return sender.Delivered.Count >= 3 && await Lag() == 0;
        });
        Assert.Equal(["enter", "enter", "exit"], sender.Delivered.Select(id => id.Split("::")[1]));
        Assert.Equal(SinkState.Live, _status.Report.State);

        // What has started does not start again.
        await RunUntil(destination, sender, () => Task.FromResult(_status.Report.State == SinkState.Live));
        Assert.Equal(3, sender.Delivered.Count);
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(10, 0)]
    public async Task Deltas_that_are_gone_are_made_up_for_by_what_was_written_since(int minutesLater, int expected)
    {
        Rows(("ada", true), ("bob", false), ("cyd", true));
        OldDestination.Begin(_log, _topics, "ads");
        Append(40);
        _hasPositions = true;
        CommitBeyondTheEnd(DateTimeOffset.UtcNow.AddMinutes(minutesLater));
        await using var sender = new Scripted();
        await RunUntil(Destination("amplitude-cohort", "identifier_field: user_id"), sender, async () =>
            _status.Report.State == SinkState.Live && await Lag() == 0 && sender.Delivered.Count >= expected);
        Assert.Equal(expected, sender.Delivered.Count);
        Append("u:new", Delta("new"));
        await RunUntil(Destination("amplitude-cohort", "identifier_field: user_id"), sender, async () => await Lag() == 0);
        Assert.Equal(expected + 1, sender.Delivered.Count);
    }

    [Fact]
    public async Task Start_now_begins_behind_what_is_there()
    {
        Append(50);
        await using var sender = new Scripted();
        var destination = Destination("amplitude-cohort", "identifier_field: user_id\nstart: now");
        await RunUntil(destination, sender, async () => await Lag() == 0);
        Append("u:new", Delta("new"));
        await RunUntil(destination, sender, async () => await Lag() == 0);
        Assert.Single(sender.Delivered);
    }

    [Fact]
    public async Task An_added_cohort_begins_with_its_members_while_the_others_go_on()
    {
        RowsOf("vips", ("ada", true), ("bob", false), ("cyd", true));
        await using var sender = new Scripted();
        await RunUntil(Destination("amplitude-cohort", "cohorts: [high-intent]\nidentifier_field: user_id"), sender, async () => await Lag() == 0);
        Append("u:ada", Delta("ada", version: 2));
        Append("u:dee", Delta("dee", cohort: "vips", version: 2));
        sender.IsBlocked = true;
        var progress = "";
        await RunUntil(Destination("amplitude-cohort", "cohorts: [high-intent, vips]\nidentifier_field: user_id"), sender, async () =>
        {
            if (_status.Report is { State: SinkState.Snapshot } report && report.Counts.InFlight >= 3 && sender.IsBlocked)
            {
                progress = $"{report.Reason} {report.Progress}";
                Append("u:cyd", Delta("cyd", cohort: "vips", change: MembershipChange.Exit, version: 9, at: At + 9_000));
                sender.IsBlocked = false;
            }

            return _status.Report.State == SinkState.Live && await Lag() == 0;
        });

        // Ada's delta of the old cohort, two members of the new one, and who left it; dee has no row, and her delta lies before the rows.
        Assert.Equal("added: vips 100", progress);
        Assert.Equal(["enter", "enter", "enter", "exit"], sender.Delivered.Select(id => id.Split("::")[1]).Order(StringComparer.Ordinal));
        await RunUntil(Destination("amplitude-cohort", "cohorts: [high-intent, vips]\nidentifier_field: user_id"), sender, () => Task.FromResult(_status.Report.State == SinkState.Live));
        Assert.Equal(4, sender.Delivered.Count);
    }

    [Theory]
    [InlineData("start: snapshot", 4)]
    [InlineData("start: now", 0)]
    public async Task A_cohort_that_went_and_comes_back_is_new(string start, int expected)
    {
        RowsOf("vips", ("ada", true), ("bob", true));
        await using var sender = new Scripted();
        _hasPositions = true;
        foreach (var cohorts in new[] { "[vips, x]", "[x]", "[x, vips]" })
        {
            await RunUntil(Destination("amplitude-cohort", $"cohorts: {cohorts}\nidentifier_field: user_id\n{start}"), sender, async () =>
                _status.Report.State == SinkState.Live && await Lag() == 0 && CoverageOf(0)?.Covered.Ids.Count == cohorts.Split(',').Length);
        }

        Assert.Equal(expected, sender.Delivered.Count);
    }

    [Fact]
    public async Task A_group_that_has_expired_is_a_resync_and_no_new_start()
    {
        Rows(("ada", true), ("bob", false), ("cyd", true));
        _hasPositions = true;
        Record(new(CohortSelection.All, null));
        await using var sender = new Scripted { IsBlocked = true };
        await RunUntil(Destination("amplitude-cohort", "identifier_field: user_id"), sender, async () =>
        {
            if (_status.Report.State == SinkState.Resync)
                sender.IsBlocked = false;
            return _status.Report.State == SinkState.Live && await Lag() == 0;
        });
        Assert.False(sender.IsBlocked);
        Assert.Equal(["enter", "enter", "exit"], sender.Delivered.Select(id => id.Split("::")[1]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Rows_that_cannot_be_read_are_dead_letters_and_the_start_goes_on()
    {
        Rows(("ada", true));
        AppendRow("high-intent/u:bob", "no row");
        AppendRow("no key", "{}");
        Rows(("cyd", true));
        _hasPositions = true;
        await using var sender = new Scripted();
        await RunUntil(Destination("amplitude-cohort", "identifier_field: user_id"), sender, async () => _status.Report.State == SinkState.Live && await Lag() == 0);
        Assert.Equal(2, sender.Delivered.Count);

        var letters = new List<string>();
        await TopicFollower.ReadToEndAsync(_log, "test", [_topics.DeadLetters.Name], (in record) => letters.Add($"{Text(record.Key)}: {Text(record.Value)}"), TestContext.Current.CancellationToken);
        Assert.Equal(["high-intent/u:bob: no row", "no key: {}"], letters.Order(StringComparer.Ordinal));
        Assert.Equal(2, _status.Report.Counts.DeadLettered);

        static string Text(ReadOnlySpan<byte> bytes) => System.Text.Encoding.UTF8.GetString(bytes);
    }

    /// <summary>A row of somebody who has left, and whether it lies behind the ends that the start's first attempt saw.</summary>
    [Theory]
    [InlineData(0, 2)]
    [InlineData(1_000, 1)]
    public async Task A_start_that_is_done_again_tells_who_left_since_it_began(long mark, int expected)
    {
        Rows(("ada", true), ("bob", false));
        _hasPositions = true;
        OldDestination.Begin(_log, _topics, "ads");
        Record(new(CohortSelection.None, new(CohortSelection.All, null, [mark, mark])));
        await using var sender = new Scripted();
        await RunUntil(Destination("amplitude-cohort", "identifier_field: user_id"), sender, async () =>
            _status.Report.State == SinkState.Live && await Lag() == 0 && CoverageOf(0)?.Start is null && CoverageOf(1)?.Start is null);
        Assert.Equal(expected, sender.Delivered.Count);
    }

    private void Record(PartitionCoverage coverage)
    {
        using var writer = _log.OpenWriter("test");
        var topic = writer.Topic(_topics.SinkState.Name);
        for (var partition = 0; partition < Partitions; partition++)
        {
            var key = PartitionCoverageCodec.Key("ads", partition);
            writer.Append(topic, topic.PartitionOf(key), key, PartitionCoverageCodec.Encode(coverage));
        }

        Assert.Equal(CommitOutcome.Committed, writer.Commit(null, []));
    }

    private void AppendRow(string key, string value)
    {
        using var writer = _log.OpenWriter("test");
        var topic = writer.Topic(_topics.Memberships.Name);
        writer.Append(topic, topic.PartitionOf(Utf8(key)), Utf8(key), Utf8(value));
        Assert.Equal(CommitOutcome.Committed, writer.Commit(null, []));
    }

    private PartitionCoverage? CoverageOf(int partition) => Coverages.ReadAll(_log, _topics, "ads").GetValueOrDefault(partition);

    private void Rows(params (string User, bool IsIn)[] rows) => RowsOf("high-intent", rows);

    private void RowsOf(string cohort, params (string User, bool IsIn)[] rows)
    {
        using var writer = _log.OpenWriter("test");
        var topic = writer.Topic(_topics.Memberships.Name);
        foreach (var (user, isIn) in rows)
        {
            var buffer = new System.Buffers.ArrayBufferWriter<byte>();
            using (var json = new System.Text.Json.Utf8JsonWriter(buffer, JsonText.WriterOptions))
                MembershipWriter.Write(json, new() { In = isIn, ExitedAt = isIn ? null : At, At = At, ComputedAt = At / 1000, Version = 1, UserId = Utf8(user) });
            writer.Append(topic, topic.PartitionOf(Utf8(cohort)), Utf8($"{cohort}/u:{user}"), buffer.WrittenSpan);
        }

        Assert.Equal(CommitOutcome.Committed, writer.Commit(null, []));
    }

    /// <summary>The group stands where the log holds nothing, and has delivered what was written until then.</summary>
    private void CommitBeyondTheEnd(DateTimeOffset deliveredUntil)
    {
        using var reader = _log.OpenReader(new(Group));
        var owner = new OwnerOfAll(reader);
        reader.Subscribe([_topics.MembershipDeltas.Name], owner);
        while (owner.Owned < Partitions)
            reader.Poll(1, TimeSpan.FromMilliseconds(10));
        var metadata = new DeliveryMetadata(deliveredUntil.ToUnixTimeMilliseconds(), AcceptedAhead.None(1_000_000)).ToString();
        Assert.True(reader.Commit([.. Enumerable.Range(0, Partitions).Select(partition => new CommittedPosition(_topics.MembershipDeltas.Name, partition, 1_000_000, metadata))]));
        reader.Leave();
    }

    private sealed class OwnerOfAll(ILogReader reader) : IAssignmentHandler
    {
        public int Owned { get; private set; }

        public void Assigned(IReadOnlyList<TopicPartition> partitions)
        {
            Owned += partitions.Count;
            reader.Seek([.. partitions.Select(partition => new PartitionPosition(partition.Topic, partition.Partition, 0))]);
        }

        public void Revoked(IReadOnlyList<TopicPartition> partitions)
        {
            // It has nothing to end.
        }

        public void Lost(IReadOnlyList<TopicPartition> partitions)
        {
            // Nor anything to lose.
        }
    }
}
