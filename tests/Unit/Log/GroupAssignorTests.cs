using CohortPipeline.Log;
using CohortPipeline.Log.Embedded.Groups;
using Xunit;

namespace CohortPipeline.Tests.Unit.Log;

public sealed class GroupAssignorTests
{
    private static readonly Dictionary<TopicPartition, string> Nobody = [];

    [Fact]
    public void A_single_member_gets_everything() =>
        Assert.Equal(["a/0:m", "a/1:m", "b/0:m"], Assign(["m"], Nobody, ("a", 2), ("b", 1)));

    [Fact]
    public void Nothing_is_assigned_without_members() => Assert.Empty(Assign([], Nobody, ("a", 2)));

    [Theory]
    [InlineData(1, 4)]
    [InlineData(2, 4)]
    [InlineData(3, 4)]
    [InlineData(5, 4)]
    [InlineData(4, 12)]
    public void Shares_differ_by_one_at_most(int members, int partitions)
    {
        var names = Enumerable.Range(0, members).Select(number => $"m{number}").ToArray();
        var shares = Owners(names, Nobody, ("a", partitions)).GroupBy(owner => owner.Value).Select(share => share.Count()).ToList();

        Assert.Equal(partitions, shares.Sum());
        Assert.InRange(shares.Max() - (shares.Count == members ? shares.Min() : 0), 0, 1);
    }

    [Fact]
    public void A_newcomer_takes_its_share_and_the_rest_stays_where_it_is()
    {
        var before = Owners(["m", "n"], Nobody, ("a", 6));
        var after = Owners(["m", "n", "o"], before, ("a", 6));

        Assert.Equal(2, after.Count(owner => owner.Value == "o"));
        Assert.All(after.Where(owner => owner.Value != "o"), owner => Assert.Equal(before[owner.Key], owner.Value));
    }

    [Fact]
    public void What_a_member_leaves_goes_to_the_others_and_they_keep_theirs()
    {
        var before = Owners(["m", "n", "o"], Nobody, ("a", 6));
        var after = Owners(["m", "o"], before, ("a", 6));

        Assert.Equal(3, after.Count(owner => owner.Value == "m"));
        Assert.All(before.Where(owner => owner.Value != "n"), owner => Assert.Equal(owner.Value, after[owner.Key]));
    }

    [Fact]
    public void A_topic_goes_to_those_who_subscribe_to_it()
    {
        var owners = GroupAssignor.Assign(Partitions(("a", 2), ("b", 2)), ["of a", "of both"], (member, topic) => member == "of both" || topic == "a", Nobody);

        Assert.All(owners.Where(owner => owner.Key.Topic == "b"), owner => Assert.Equal("of both", owner.Value));
        Assert.All(owners.Where(owner => owner.Key.Topic == "a"), owner => Assert.Equal("of a", owner.Value));
    }

    private static IEnumerable<string> Assign(string[] members, Dictionary<TopicPartition, string> current, params (string Topic, int Count)[] topics) =>
        Owners(members, current, topics).Select(owner => $"{owner.Key}:{owner.Value}").Order(StringComparer.Ordinal);

    private static Dictionary<TopicPartition, string> Owners(string[] members, Dictionary<TopicPartition, string> current, params (string Topic, int Count)[] topics) =>
        GroupAssignor.Assign(Partitions(topics), members, (_, _) => true, current);

    private static List<TopicPartition> Partitions(params (string Topic, int Count)[] topics) =>
        [.. topics.SelectMany(topic => Enumerable.Range(0, topic.Count).Select(partition => new TopicPartition(topic.Topic, partition)))];
}
