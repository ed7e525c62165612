using CohortPipeline.Contracts;
using CohortPipeline.Control;
using CohortPipeline.Sinks;
using Xunit;

namespace CohortPipeline.Tests.Unit.Control;

public sealed class DestinationPlannerTests
{
    private const string Stream = """
        id: ads
        sink: kinesis
        cohorts: [high-intent]
        region: us-west-2
        stream: cohort-updates
        role_arn: arn:aws:iam::111111111111:role/WriteCohorts
        format: amplitude-cohort
        start: now
        """;

    private static readonly PipelineTopics Topics = new("", 3, null);

    private readonly DestinationPlanner _planner = new(Topics, () => "made-by-us");
    private readonly TopicRows _rows = new();

    [Fact]
    public void Makes_an_external_id_and_keeps_it_when_the_destination_is_sent_again()
    {
        var added = Add(Stream);
        Assert.Equal((DestinationChangeKind.Created, "made-by-us"), (added.Answer.Destinations[0].Kind, added.Answer.Destinations[0].ExternalId));
        Keep(added);

        var again = Add(Stream);
        Assert.Equal(DestinationChangeKind.Unchanged, again.Answer.Destinations[0].Kind);
        Assert.Empty(again.Appends);
    }

    [Fact]
    public void Shows_cohorts_that_do_not_exist_yet() => Assert.Equal(["high-intent"], Add(Stream).Answer.Destinations[0].AwaitedCohorts);

    [Fact]
    public void Takes_Lytics_subscription_call_as_it_stands()
    {
        var added = Add("""
            {"name": "Lytics Stream", "channel": "kinesis", "stream": "triggers", "region": "us-east-1", "identifier_field": "user_id",
             "segment_ids": ["a"], "role_arn": "arn:aws:iam::111111111111:role/WriteCohorts"}
            """);
        Assert.Equal("lytics-stream", added.Answer.Destinations[0].Id);
    }

    [Fact]
    public void Refuses_two_buckets_whose_files_would_have_the_same_names()
    {
        Keep(Add(Bucket("one")));
        var error = _planner.Add(_rows, DestinationText.Read(Bucket("two")).Destinations, _ => null).Error!;
        Assert.Contains("one, two", Assert.Single(error.Details), StringComparison.Ordinal);
    }

    [Fact]
    public void A_deletion_is_a_tombstone()
    {
        Keep(Add(Bucket("one")));
        var deleted = _planner.Delete(_rows, "one").Value;
        Assert.Null(Assert.Single(deleted.Appends).Value);
        Keep(deleted);
        Assert.Equal(ControlErrorKind.NotFound, _planner.Delete(_rows, "one").Error!.Kind);
    }

    private static string Bucket(string id) => $"id: {id}\nsink: s3\ncohorts: [a]\nbucket: exports\nregion: eu-central-1\n";

    private ControlDraft<DestinationChangeSet> Add(string text)
    {
        var reading = DestinationText.Read(text);
        Assert.True(reading.IsValid, string.Join("; ", reading.Errors));
        return _planner.Add(_rows, reading.Destinations, _ => null).Value;
    }

    private void Keep<T>(ControlDraft<T> draft)
    {
        foreach (var append in draft.Appends)
            _rows.Apply(append.Key, append.Value ?? [], isTombstone: append.Value is null);
    }
}
