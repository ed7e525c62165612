using CohortPipeline.Control;
using Xunit;

namespace CohortPipeline.Tests.Unit.Control;

public sealed class CohortTallyTests
{
    [Fact]
    public void A_row_written_again_while_a_membership_lasts_counts_once()
    {
        var tally = new CohortTally();
        tally.Row("u:ada"u8, isMember: true);
        tally.Row("u:ada"u8, isMember: true);
        tally.Row("u:bob"u8, isMember: true);
        tally.Row("u:bob"u8, isMember: false);
        tally.Row("u:eve"u8, isMember: false);
        Assert.Equal(1, tally.Count.Members);
    }

    [Fact]
    public void Enters_and_exits_are_counted_from_deltas()
    {
        var tally = new CohortTally();
        tally.Delta(isEnter: true);
        tally.Delta(isEnter: true);
        tally.Delta(isEnter: false);
        Assert.Equal((2, 1), (tally.Count.Enters, tally.Count.Exits));
    }
}
