using CohortPipeline.Evaluator;
using Xunit;

namespace CohortPipeline.Tests.Unit.Evaluator;

public sealed class SourceWatchTests
{
    private const long Since = 1_772_532_000_000;
    private const long Later = Since + 30_000;

    private readonly SourceWatch _watch = new(Since);

    [Fact]
    public void Waits_while_all_may_be_starting()
    {
        Assert.Null(_watch.ToTell(["events/1"], Later - 1));
        Assert.Equal("events/1, identifies", _watch.ToTell(["events/1", "identifies"], Later));
    }

    [Fact]
    public void Tells_of_the_same_sources_once()
    {
        Assert.NotNull(_watch.ToTell(["events"], Later));
        Assert.Null(_watch.ToTell(["events"], Later + 1));
        Assert.Equal("events/2", _watch.ToTell(["events/2"], Later + 2));
        Assert.Null(_watch.ToTell([], Later + 3));
        Assert.Equal("events/2", _watch.ToTell(["events/2"], Later + 4));
    }
}
