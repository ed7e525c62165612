using CohortPipeline.Contracts;
using CohortPipeline.Evaluator;
using CohortPipeline.Rules.Plans;
using Xunit;

namespace CohortPipeline.Tests.Unit.Evaluator;

/// <summary>The partition's own records in the changelog, byte for byte: later versions must read what lies there today.</summary>
public sealed class ChangelogRecordTests
{
    private const string PositionSnapshot = "01AC022A02050900E523B39C010000000000000000008001066576656E747302E8E823B39C0100000000000000000080";
    private const string PlanSnapshot = "01030401147B226964223A22686967682D696E74656E74227D020708";

    private readonly ByteWriter _bytes = new();

    [Fact]
    public void A_position_record_keeps_its_bytes()
    {
        var position = new PositionRecord(300, 42, 2, 5, 9, new(1_772_532_000_000, PartitionClock.Unknown, [("events", [1_772_532_001_000, PartitionClock.Unknown])]));
        position.Write(_bytes);
        Assert.Equal(PositionSnapshot, Convert.ToHexString(_bytes.Written));
        var read = PositionRecord.Read(Convert.FromHexString(PositionSnapshot));
        Assert.Equal(position with { Clock = read.Clock }, read);
        Assert.Equal(position.Clock.Watermark, read.Clock.Watermark);
        Assert.Equal(position.Clock.Read[0].Read, Assert.Single(read.Clock.Read).Read);
    }

    [Fact]
    public void A_definition_record_keeps_its_bytes()
    {
        PlanRecord.Write(new("high-intent", 3, 4, "{\"id\":\"high-intent\"}"u8.ToArray(), [7, 8], SweepWork.Evaluate), _bytes);
        Assert.Equal(PlanSnapshot, Convert.ToHexString(_bytes.Written));
        var read = PlanRecord.Read("high-intent", Convert.FromHexString(PlanSnapshot));
        Assert.Equal((3, 4, SweepWork.Evaluate), (read.Version, read.Slot, read.Sweep));
        Assert.Equal([7, 8], read.BehaviorSlots);
        Assert.Equal("{\"id\":\"high-intent\"}"u8, read.Definition.Span);
    }

    [Fact]
    public void A_change_set_record_keeps_its_bytes()
    {
        var edition = new EditionRecord(1_772_532_000_000, 1_772_532_000_001, 300, 2);
        edition.Write(_bytes);
        Assert.Equal("0100E523B39C01000001E523B39C010000AC0202", Convert.ToHexString(_bytes.Written));
        Assert.Equal(edition, EditionRecord.Read(_bytes.Written));
    }

    [Fact]
    public void Formats_of_a_later_version_are_refused_and_said_so()
    {
        Assert.Contains("format 9", Assert.Throws<InvalidDataException>(() => PositionRecord.Read([9])).Message, StringComparison.Ordinal);
        Assert.Contains("format 9", Assert.Throws<InvalidDataException>(() => PlanRecord.Read("high-intent", [9])).Message, StringComparison.Ordinal);
        Assert.Contains("format 9", Assert.Throws<InvalidDataException>(() => EditionRecord.Read([9])).Message, StringComparison.Ordinal);
    }
}
