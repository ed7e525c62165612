using System.Text;
using CohortPipeline.Sinks.Kinesis;
using CohortPipeline.Sinks.Kinesis.Checks;
using Xunit;

namespace CohortPipeline.Tests.Unit.Kinesis;

/// <summary>What a check may send: a record of the destination's format that changes nothing.</summary>
public sealed class ProbeRecordTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Of_cohorts_it_has_nobody_in_it() => Assert.Equal(
        """{"cohort_name":"cohort-pipeline-check","cohort_id":"cohort-pipeline-check","in_cohort":false,"computed_time":"1772323200","message_id":"cohort-pipeline-check::exit::0","users":[]}""",
        Encoding.UTF8.GetString(ProbeRecord.Of(Samples.Destination("amplitude-cohort"), Now)));

    [Fact]
    public void Of_triggers_it_has_no_changes() => Assert.Equal(
        $$$"""{"id":"cohort-pipeline-check","data":{"_created":"2026-03-01T00:00:00.000000000Z","_modified":"2026-03-01T00:00:00.000000000Z","user_id":"","segment_events":[]},"meta":{"subscription_id":"{{{LyticsTriggerPayload.HashOf("ads"u8)}}}","timestamp":"2026-03-01T00:00:00.000000000Z"}}""",
        Encoding.UTF8.GetString(ProbeRecord.Of(Samples.Destination("lytics-trigger"), Now)));
}
