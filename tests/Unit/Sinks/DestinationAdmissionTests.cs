using CohortPipeline.Sinks;
using Xunit;

namespace CohortPipeline.Tests.Unit.Sinks;

public sealed class DestinationAdmissionTests
{
    private const string Text = "id: ads\nsink: kinesis\ncohorts: [a]\nregion: us-west-2\nstream: s\nformat: amplitude-cohort\n";
    private const string Role = "role_arn: arn:aws:iam::111111111111:role/W\n";

    [Fact]
    public void Makes_the_external_id_of_a_role() => Assert.Equal("made", Admitted(Text + Role).ExternalId);

    [Fact]
    public void Makes_none_where_there_is_no_role() => Assert.Null(Admitted(Text).ExternalId);

    [Fact]
    public void Keeps_the_one_that_was_made_before()
    {
        var present = DestinationTextTests.One(Text + Role + "external_id: before\n");
        Assert.Equal("before", Admitted(Text + Role, present).ExternalId);
        Assert.Equal("before", Admitted(Text + Role + "external_id: before\n", present).ExternalId);
    }

    [Fact]
    public void Refuses_one_that_somebody_chose() =>
        Assert.Equal("external_id", Assert.Single(Admit(Text + Role + "external_id: chosen\n", null).Errors).Path);

    [Fact]
    public void Is_switched_off_by_name_and_on_again()
    {
        var off = Admitted(Text + Role + "external_id: none\n");
        Assert.Equal("none", off.ExternalId);
        Assert.Equal("made", Admitted(Text + Role, off).ExternalId);
    }

    [Fact]
    public void Refuses_to_turn_a_stream_into_a_bucket()
    {
        var files = DestinationTextTests.One("id: ads\nsink: s3\ncohorts: [a]\nendpoint: file:x\n");
        Assert.Equal("sink", Assert.Single(DestinationAdmission.Admit(DestinationTextTests.One(Text), files, () => "made").Errors).Path);
    }

    [Fact]
    public void New_ids_cannot_be_guessed_and_are_what_sts_takes()
    {
        var id = DestinationAdmission.NewExternalId();
        Assert.Matches("^[0-9a-f]{32}$", id);
        Assert.NotEqual(id, DestinationAdmission.NewExternalId());
    }

    private static KinesisDestination Admitted(string text, Destination? present = null) => (KinesisDestination)Assert.Single(Admit(text, present).Destinations);

    private static DestinationReading Admit(string text, Destination? present) => DestinationAdmission.Admit(DestinationTextTests.One(text), present, () => "made");
}
