using System.Text;
using CohortPipeline.Backtest;
using CohortPipeline.Rules.Definitions;
using Xunit;

namespace CohortPipeline.Tests.Unit.Backtest;

/// <summary>Explaining a profile of a backtest, at an instant in the middle of its records.</summary>
public sealed class BacktestExplainTests
{
    private const long Ten = 1_772_359_200_000;
    private const long Hour = 3_600_000;

    [Fact]
    public void Records_after_the_instant_do_not_count()
    {
        var definitions = DefinitionParser.Parse("id: buyers\nwhere: { did: { event: buy, count: { at_least: 2 }, within: 2h } }", "a.yaml").Definitions;
        using var run = new BacktestRun([.. definitions], _ => { }) { AppliesUpTo = Ten + Hour };
        foreach (var at in new[] { Ten, Ten + Hour, Ten + Hour + 1 })
            run.Apply(Encoding.UTF8.GetBytes($$"""{"event":"buy","user_id":"ada","time":{{at}}}"""), at, Assert.Fail);
        run.AdvanceTo(Ten + Hour);
        var explanation = run.Explain("u:ada"u8, "buyers", Ten + Hour)!;
        Assert.True(explanation.Holds);
        Assert.Equal(Ten + Hour, explanation.Membership?.EnteredAt);
        Assert.Equal(Ten + (2 * Hour), explanation.NextFlip);
        Assert.Null(run.Explain("u:ada"u8, "nobody", Ten));
    }
}
