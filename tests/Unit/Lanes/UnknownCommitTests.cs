using CohortPipeline.Lanes;
using CohortPipeline.Log;
using Xunit;

namespace CohortPipeline.Tests.Unit.Lanes;

/// <summary>What the group's positions tell of a commit whose outcome nobody knew. This lane was writing commit 7 of both partitions.</summary>
public sealed class UnknownCommitTests
{
    private const string Id = "membership-evaluator.0.0";
    private const string Incarnation = "0af7651916cd43dd8448eb211c80319c";

    private static readonly PartitionCommit[] Commits = [new(new("activity", 0), Offset: 100, Sequence: 7), new(new("activity", 1), Offset: 50, Sequence: 7)];

    [Fact]
    public void Its_own_numbers_mean_that_it_stands() => Assert.True(Stands(Metadata(7), Metadata(7)));

    [Fact]
    public void Older_numbers_or_none_mean_that_it_does_not()
    {
        Assert.False(Stands(Metadata(6), Metadata(6)));
        Assert.False(Stands(Metadata(6, "another.1", "ffffffffffffffffffffffffffffffff"), Metadata(6)));
        Assert.False(Stands("", ""));
    }

    [Fact]
    public void Another_writers_number_or_a_later_one_means_another_owner()
    {
        Assert.Contains("another owner has the partition", Assert.Throws<FencedException>(() => Stands(Metadata(7), Metadata(7, Id, "ffffffffffffffffffffffffffffffff"))).Message, StringComparison.Ordinal);
        Assert.Throws<FencedException>(() => Stands(Metadata(7, "another.1", Incarnation), Metadata(7)));
        Assert.Throws<FencedException>(() => Stands(Metadata(8), Metadata(6)));
    }

    [Fact]
    public void What_no_lane_wrote_means_another_owner() =>
        Assert.Contains("which no lane wrote", Assert.Throws<FencedException>(() => Stands("somebody's notes", Metadata(7))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_part_of_it_stops_the_process() =>
        Assert.Contains("1 of 2 positions", Assert.Throws<InvalidOperationException>(() => Stands(Metadata(7), Metadata(6))).Message, StringComparison.Ordinal);

    private static string Metadata(long sequence, string id = Id, string incarnation = Incarnation) => new CommitMetadata(sequence, id, incarnation).ToString();

    private static bool Stands(params string[] metadata) => UnknownCommit.Stands(Commits, [.. metadata.Select((text, i) => new CommittedPosition("activity", i, 0, text))], Id, Incarnation);
}
