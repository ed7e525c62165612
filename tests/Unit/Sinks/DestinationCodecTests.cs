using System.Text;
using System.Text.Json.Nodes;
using CohortPipeline.Sinks;
using CohortPipeline.Tests.Unit.Contracts;
using Xunit;

namespace CohortPipeline.Tests.Unit.Sinks;

public sealed class DestinationCodecTests
{
    public static TheoryData<string, string> Definitions => new()
    {
        { "kinesis", "id: ads\nsink: kinesis\ncohorts: [b, a]\nregion: us-west-2\nstream: s\nrole_arn: arn:aws:iam::111111111111:role/W\nexternal_id: 0123456789abcdef0123456789abcdef\nformat: amplitude-cohort\nidentifier_field: user_id\nstart: now\ntrace_context: field\n" },
        { "kinesis-arn", "id: lytics\nsink: kinesis\ncohorts: [\"*\"]\nchanges: exits\nstream_arn: arn:aws:kinesis:eu-west-1:111111111111:stream/s\nformat: lytics-trigger\nmissing_identifier: dead_letter\nlinger: 250ms\nusers_per_record: 7\nrecord_bytes: 10485760\nrequest_bytes: 10485760\n" },
        { "events", "id: raw\nsink: kinesis\nformat: events\nendpoint: file:out\nevents: [ä, b]\nidentifies: true\n" },
        { "s3", "id: files\nsink: s3\ncohorts: [a]\nbucket: bucket\nregion: eu-central-1\npath: x/y\nproject_id: 7\nrouting_key: crm\nrequire_suffix: _v1\nmatch_property: email\nuser_properties: [plan, city]\ncadence: real_time\nsync_interval: 90s\nexisting: stayed\nformulas: prefix\ncatch_up: all\n" },
    };

    [Theory]
    [MemberData(nameof(Definitions))]
    public void Rows_are_as_reviewed_and_mean_the_same_when_read_back(string name, string text)
    {
        var row = DestinationCodec.Encode(DestinationTextTests.One(text));
        GoldenFile.Check("Sinks", $"destination-{name}.json", Encoding.UTF8.GetString(row));

        var id = DestinationTextTests.One(text).Id;
        Assert.True(DestinationCodec.TryRead(id, row, out var read, out var error), error);
        Assert.Equal(row, DestinationCodec.Encode(read));
    }

    [Theory]
    [MemberData(nameof(Definitions))]
    public void Rows_satisfy_the_published_schema(string name, string text) =>
        Assert.True(IsValid(Encoding.UTF8.GetString(DestinationCodec.Encode(DestinationTextTests.One(text)))), name);

    [Theory]
    [InlineData("kinesis", "sink", "\"ftp\"")]
    [InlineData("kinesis", "format", "\"csv\"")]
    [InlineData("kinesis", "id", "\"A B\"")]
    [InlineData("kinesis", "bucket", "\"exports\"")]
    [InlineData("kinesis", "records_per_request", "501")]
    [InlineData("s3", "cohorts", "[]")]
    [InlineData("s3", "existing", "\"all\"")]
    [InlineData("s3", "sync_interval", "90")]
    [InlineData("s3", "stream", "\"s\"")]
    [InlineData("s3", "project_id", "-1")]
    public void The_published_schema_refuses_what_the_reader_refuses(string name, string field, string value)
    {
        var row = JsonNode.Parse(File.ReadAllText(GoldenFile.PathOf("Sinks", $"destination-{name}.json")))!.AsObject();
        row[field] = JsonNode.Parse(value);
        var changed = row.ToJsonString();
        Assert.False(DestinationCodec.TryRead(row["id"]!.GetValue<string>(), Encoding.UTF8.GetBytes(changed), out _, out _));
        Assert.False(IsValid(changed));
    }

    [Fact]
    public void A_row_under_another_key_is_refused()
    {
        var row = DestinationCodec.Encode(DestinationTextTests.One("id: raw\nsink: kinesis\nformat: events\nendpoint: file:out\n"));
        Assert.False(DestinationCodec.TryRead("other", row, out _, out var error));
        Assert.Contains("`other`", error, StringComparison.Ordinal);
    }

    private static bool IsValid(string json) => PublishedSchemas.IsValid("destinations", json);
}
