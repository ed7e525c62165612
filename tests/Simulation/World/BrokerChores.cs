using CohortPipeline.Log;

namespace CohortPipeline.Tests.Simulation.World;

/// <summary>What the brokers do by themselves in their own time: compact, take members for gone, let the positions of groups without members expire.</summary>
internal sealed class BrokerChores(SimulatedWorld world, string groupName, IReadOnlyList<TopicPartition> compacted, bool canExpire) : IActor
{
    public void Step()
    {
        if (compacted.Count > 0 && world.Chance(world.Plan.Compactions, 1_000))
        {
            var partition = compacted[world.Random.Next(compacted.Count)];
            world.Broker.Compact(partition);
            world.Counts.Compactions++;
            world.Note($"{partition} is compacted");
        }

        var group = world.Broker.GroupOf(groupName);
        if (group.MemberCount > 0 && world.Chance(world.Plan.Expulsions, 1_000))
        {
            world.Counts.Expulsions++;
            world.Note("the group takes a member for gone");
            group.ThrowOut(world.Random.Next(group.MemberCount));
        }

        if (!canExpire || group.MemberCount > 0 || group.HasPending || !world.Chance(world.Plan.Expiries, 1_000))
            return;
        group.Expire();
        world.Counts.Expiries++;
        world.Note("the group's positions expire");
    }
}
