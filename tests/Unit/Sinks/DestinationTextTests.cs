using System.Globalization;
using CohortPipeline.Sinks;
using Xunit;

namespace CohortPipeline.Tests.Unit.Sinks;

public sealed class DestinationTextTests
{
    /// <summary>The first sample of docs/spec/destinations.md, but for the external id, which a customer never writes.</summary>
    private const string Stream = """
        id: ads-stream
        sink: kinesis                 # kinesis | s3
        cohorts: [high-intent]        # ids, or ["*"]; Lytics' segment_ids
        changes: both                 # both | enters | exits
        cadence: real_time            # real_time | hourly | daily (UTC boundaries)
        region: us-west-2
        stream: cohort-updates        # or stream_arn
        role_arn: arn:aws:iam::111111111111:role/WriteCohorts
        format: amplitude-cohort      # amplitude-cohort | lytics-trigger | events
        identifier_field: user_id     # Kinesis partition key; absent: random
        start: snapshot               # snapshot (the members there are, as enters) | now
        """;

    private const string Warehouse = """
        id: warehouse
        sink: s3
        cohorts: [high-intent]        # required
        bucket: cohort-exports        # required
        region: eu-central-1          # required
        path: exports/cohorts         # default none
        project_id: 0                 # the `integer` of the file names
        routing_key: crm              # default none
        require_suffix: ""            # text before `.csv`
        match_property: email         # default: the user id
        user_properties: [plan, city] # extra columns, default none
        cadence: daily                # real_time | hourly | daily
        sync_interval: 60s            # of real_time
        existing: at_last_sync        # at_last_sync | stayed
        formulas: none                # none | prefix | reject
        catch_up: newest              # newest | all
        """;

    [Fact]
    public void Reads_the_kinesis_sample_of_the_specification()
    {
        var destination = Assert.IsType<KinesisDestination>(One(Stream));
        Assert.Equal("ads-stream", destination.Id);
        Assert.Equal(["high-intent"], destination.Cohorts.Ids);
        Assert.Equal(ChangeSelection.Both, destination.Changes);
        Assert.Equal(Cadence.RealTime, destination.Cadence);
        Assert.Equal("us-west-2", destination.Region);
        Assert.Equal("cohort-updates", destination.Stream);
        Assert.Equal("arn:aws:iam::111111111111:role/WriteCohorts", destination.RoleArn);
        Assert.Null(destination.ExternalId);
        Assert.Equal(KinesisFormat.AmplitudeCohort, destination.Format);
        Assert.Equal("user_id", destination.IdentifierField);
        Assert.Equal(StartAt.Snapshot, destination.Start);
        Assert.Equal(100, destination.UsersPerRecord);
        Assert.Equal(TimeSpan.FromSeconds(1), destination.Linger);
        Assert.Equal(new KinesisLimits(500, 5 * 1024 * 1024, 1024 * 1024, 1_000, 1024 * 1024), destination.Limits);
    }

    [Fact]
    public void Reads_the_s3_sample_of_the_specification()
    {
        var destination = Assert.IsType<S3Destination>(One(Warehouse));
        Assert.Equal("warehouse", destination.Id);
        Assert.Equal("cohort-exports", destination.Bucket);
        Assert.Equal("eu-central-1", destination.Region);
        Assert.Equal("exports/cohorts", destination.Path);
        Assert.Equal(0, destination.ProjectId);
        Assert.Equal("crm", destination.RoutingKey);
        Assert.Equal("", destination.RequireSuffix);
        Assert.Equal("email", destination.MatchProperty);
        Assert.Equal(["plan", "city"], destination.UserProperties);
        Assert.Equal(Cadence.Daily, destination.Cadence);
        Assert.Equal(TimeSpan.FromSeconds(60), destination.SyncInterval);
        Assert.Equal(ExistingMembers.AtLastSync, destination.Existing);
        Assert.Equal(FormulaHandling.None, destination.Formulas);
        Assert.Equal(CatchUp.Newest, destination.CatchUp);
    }

    [Fact]
    public void Takes_lytics_subscription_call_as_it_stands()
    {
        var destination = Assert.IsType<KinesisDestination>(One("""
            {"name": "Ads & Offers (EU)", "channel": "kinesis", "stream": "lytics_out.1", "region": "us-east-1",
             "identifier_field": "email", "segment_ids": ["high-intent", "lapsed"], "role_arn": "arn:aws:iam::222222222222:role/x/Lytics"}
            """));
        Assert.Equal("ads-offers-eu", destination.Id);
        Assert.Equal(KinesisFormat.LyticsTrigger, destination.Format);
        Assert.Equal(Cadence.RealTime, destination.Cadence);
        Assert.Equal(ChangeSelection.Both, destination.Changes);
        Assert.Equal(["high-intent", "lapsed"], destination.Cohorts.Ids);
        Assert.Equal("email", destination.IdentifierField);
        Assert.Equal("lytics_out.1", destination.Stream);
    }

    [Fact]
    public void Refuses_another_channel_by_name()
    {
        var reading = DestinationText.Read("""{"name": "x", "channel": "pubsub", "stream": "s", "region": "us-east-1", "segment_ids": ["a"]}""");
        Assert.Contains("`pubsub` is not supported", Assert.Single(reading.Errors).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Requires_what_lytics_call_must_have()
    {
        var reading = DestinationText.Read("""{"name": "x", "channel": "kinesis"}""");
        Assert.Equal(["segment_ids", "region", "stream"], reading.Errors.Select(error => error.Path));
    }

    [Fact]
    public void Lists_every_error_with_its_place()
    {
        var reading = DestinationText.Read("""
            id: Ads
            sink: kinesis
            cohorts: []
            region: nowhere!
            stream: "a b"
            format: amplitude
            identfier_field: user_id
            linger: 2 minutes
            users_per_record: many
            endpoint: ftp://x
            """);
        Assert.Empty(reading.Destinations);
        Assert.Equal(
            ["cohorts", "endpoint", "format", "id", "identfier_field", "linger", "region", "stream", "users_per_record"],
            reading.Errors.Select(error => error.Path).Order(StringComparer.Ordinal));
        Assert.Contains("line 7, column 1: identfier_field: is no field of a kinesis destination; did you mean `identifier_field`?", reading.Errors.Select(error => error.ToString()));
        Assert.Contains("line 6, column 9: format: found the text \"amplitude\", expected one of amplitude-cohort, lytics-trigger, events", reading.Errors.Select(error => error.ToString()));
    }

    [Theory]
    [InlineData("sink: kinesis ", "sink: ftp ", "sink")]
    [InlineData("stream: cohort-updates", "stream_arn: arn:aws:kinesis:us-east-1:111111111111:stream/s", "region")]
    [InlineData("stream: cohort-updates", "stream: s\nstream_arn: arn:aws:kinesis:us-west-2:111111111111:stream/s", "stream")]
    [InlineData("cohorts: [high-intent]", "cohorts: [\"*\", a]", "cohorts")]
    [InlineData("cohorts: [high-intent]", "cohorts: [a, a]", "cohorts[1]")]
    [InlineData("cohorts: [high-intent]", "cohorts: [a, 7]", "cohorts[1]")]
    [InlineData("role_arn: arn:aws:iam::111111111111:role/WriteCohorts", "external_id: abc123", "external_id")]
    [InlineData("role_arn: arn:aws:iam::111111111111:role/WriteCohorts", "role_arn: WriteCohorts", "role_arn")]
    [InlineData("start: snapshot", "start: snapshot\nstart: now", "start")]
    [InlineData("start: snapshot", "events: [a]", "events")]
    [InlineData("start: snapshot", "record_bytes: 6000000", "record_bytes")]
    [InlineData("cadence: real_time", "cadence: weekly", "cadence")]
    public void Refuses_what_contradicts_itself_or_cannot_be(string found, string replaced, string path)
    {
        Assert.Contains(found, Stream, StringComparison.Ordinal);
        var reading = DestinationText.Read(Stream.Replace(found, replaced, StringComparison.Ordinal));
        Assert.Equal(path, Assert.Single(reading.Errors).Path);
    }

    [Theory]
    [InlineData("path: exports/cohorts", "path: /exports", "path")]
    [InlineData("path: exports/cohorts", "path: a/../b", "path")]
    [InlineData("bucket: cohort-exports", "bucket: Exports", "bucket")]
    [InlineData("bucket: cohort-exports", "", "bucket")]
    [InlineData("sync_interval: 60s", "sync_interval: 4s", "sync_interval")]
    [InlineData("sync_interval: 60s", "sync_interval: 61m", "sync_interval")]
    [InlineData("sync_interval: 60s", "sync_interval: 60", "sync_interval")]
    [InlineData("project_id: 0", "project_id: -1", "project_id")]
    [InlineData("routing_key: crm", "routing_key: a/b", "routing_key")]
    [InlineData("user_properties: [plan, city]", "user_properties: plan", "user_properties")]
    [InlineData("catch_up: newest", "stream: s", "stream")]
    public void Refuses_what_no_file_could_be_named_or_timed_by(string found, string replaced, string path)
    {
        var reading = DestinationText.Read(Warehouse.Replace(found, replaced, StringComparison.Ordinal));
        Assert.Equal(path, Assert.Single(reading.Errors).Path);
    }

    [Fact]
    public void Forwards_events_without_cohorts()
    {
        var destination = Assert.IsType<KinesisDestination>(One("""
            id: raw
            sink: kinesis
            format: events
            endpoint: "file:out/kinesis"
            events: [order_completed, "$purchase"]
            identifies: true
            """));
        Assert.Equal(["order_completed", "$purchase"], destination.Events);
        Assert.True(destination.Identifies);
        Assert.Equal("out/kinesis", destination.Endpoint!.Folder);
    }

    [Theory]
    [InlineData("cohorts: [a]", "cohorts")]
    [InlineData("start: now", "start")]
    [InlineData("cadence: daily", "cadence")]
    [InlineData("changes: exits", "changes")]
    [InlineData("identifier_field: plan", "identifier_field")]
    [InlineData("events: []", "events")]
    public void Refuses_with_events_what_belongs_to_cohorts_or_sends_nothing(string line, string path)
    {
        var reading = DestinationText.Read($"id: raw\nsink: kinesis\nformat: events\nendpoint: file:out\n{line}\n");
        Assert.Equal(path, Assert.Single(reading.Errors).Path);
    }

    [Theory]
    [InlineData("http://127.0.0.1:4566", false)]
    [InlineData("https://kinesis.example", false)]
    [InlineData("file:out", true)]
    [InlineData("file:/tmp/out", true)]
    [InlineData("file:///tmp/out", true)]
    public void Sends_to_another_server_or_a_folder(string endpoint, bool isFolder)
    {
        var destination = One(Stream + $"\nendpoint: {endpoint}");
        Assert.Equal(isFolder, destination.Endpoint!.IsFolder);
    }

    [Fact]
    public void Reads_several_documents_or_a_json_array_whole_or_not_at_all()
    {
        Assert.Equal(["ads-stream", "warehouse"], DestinationText.Read($"{Stream}\n---\n{Warehouse}").Destinations.Select(destination => destination.Id));
        var broken = DestinationText.Read($"{Stream}\n---\n{Warehouse.Replace("bucket: cohort-exports", "", StringComparison.Ordinal)}");
        Assert.Empty(broken.Destinations);
        Assert.Single(broken.Errors);
        Assert.Contains("stands there 2 times", Assert.Single(DestinationText.Read($"{Stream}\n---\n{Stream}").Errors).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "holds no destination")]
    [InlineData("just a text", "expected an object")]
    [InlineData("{\"id\": ", "not valid JSON")]
    [InlineData("a: [1", "not valid YAML")]
    [InlineData("a: &x 1\nb: *x", "anchors and aliases")]
    public void Says_what_is_wrong_with_a_text_that_cannot_be_read(string text, string expected) =>
        Assert.Contains(expected, Assert.Single(DestinationText.Read(text).Errors).ToString(), StringComparison.Ordinal);

    [Theory]
    [InlineData("90s", 90_000)]
    [InlineData("1m30s", 90_000)]
    [InlineData("250ms", 250)]
    [InlineData("1h", 3_600_000)]
    [InlineData("30s1m", -1)]
    [InlineData("1.5s", -1)]
    [InlineData("s", -1)]
    [InlineData("9999999s", -1)]
    public void Reads_durations_largest_unit_first(string text, int milliseconds)
    {
        var reading = DestinationText.Read($"id: a\nsink: kinesis\nformat: amplitude-cohort\ncohorts: [\"*\"]\nendpoint: file:x\nlinger: {text}");
        var isInRange = milliseconds is > 0 and <= 60_000;
        Assert.Equal(milliseconds is > 0 and <= 60_000, reading.IsValid);
        if (isInRange)
            Assert.Equal(milliseconds.ToString(CultureInfo.InvariantCulture), ((KinesisDestination)reading.Destinations[0]).Linger.TotalMilliseconds.ToString(CultureInfo.InvariantCulture));
    }

    internal static Destination One(string text)
    {
        var reading = DestinationText.Read(text);
        Assert.Equal([], reading.Errors.Select(error => error.ToString()));
        return Assert.Single(reading.Destinations);
    }
}
