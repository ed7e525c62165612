using Xunit;

namespace CohortPipeline.Tests.Unit.Ingest;

public class SchemaFrameTests
{
    private static readonly byte[] Body = "{\"event\":\"view\",\"user_id\":\"ada\"}"u8.ToArray();

    private static readonly string[] Read = ["""u:ada {"type":"event","event":"view","user_id":"ada"}"""];

    [Fact]
    public void A_prefix_with_an_id_of_four_bytes_is_taken_off() => Assert.Equal(Read, Producer.Outcome([0, 0, 0, 0, 7, .. Body]));

    [Fact]
    public void A_prefix_with_a_GUID_is_taken_off() => Assert.Equal(Read, Producer.Outcome([1, .. Guid.NewGuid().ToByteArray(), .. Body]));

    [Fact]
    public void A_schema_id_in_a_header_leaves_the_value_as_it_is() =>
        Assert.Equal(Read, Producer.Outcome(Body, ("__value_schema_id", "x")));

    [Fact]
    public void A_body_of_Avro_or_Protobuf_is_a_bad_schema_frame()
    {
        Assert.Equal(["!bad_schema_frame"], Producer.Outcome([0, 0, 0, 0, 7, 6, (byte)'a', (byte)'d', (byte)'a']));
        Assert.Equal(["!bad_schema_frame"], Producer.Outcome([0, 0, 0, 0, 7, 0, 10, 3, (byte)'a', (byte)'d', 0xFF]));
        Assert.Equal(["!bad_schema_frame"], Producer.Outcome("\u0006ada", ("__value_schema_id", "x")));
    }

    [Fact]
    public void A_value_too_short_for_a_frame_is_not_json()
    {
        Assert.Equal(["!not_json"], Producer.Outcome([0, 0, 0, 0, 7]));
        Assert.Equal(["!not_json"], Producer.Outcome([1, .. new byte[16]]));
    }

    [Fact]
    public void A_framed_record_of_no_shape_keeps_its_own_reason() =>
        Assert.Equal(["!unknown_shape"], Producer.Outcome([0, 0, 0, 0, 7, .. "{}"u8]));
}
