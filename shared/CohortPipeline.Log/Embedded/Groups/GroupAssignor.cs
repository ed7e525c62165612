namespace CohortPipeline.Log.Embedded.Groups;

/// <summary>
/// Who shall have which partition: members get equal shares (to within one) of the topics they subscribe to, and as few
/// partitions as possible change hands. Pure.
/// </summary>
internal static class GroupAssignor
{
    /// <param name="partitions">Every partition of every subscribed topic.</param>
    /// <param name="members">In the order in which they joined.</param>
    /// <param name="current">Who has, or is to have, which partition now.</param>
    public static Dictionary<TopicPartition, TMember> Assign<TMember>(
        IReadOnlyList<TopicPartition> partitions,
        IReadOnlyList<TMember> members,
        Func<TMember, string, bool> subscribes,
        IReadOnlyDictionary<TopicPartition, TMember> current)
        where TMember : class
    {
        var target = new Dictionary<TopicPartition, TMember>();
        var load = members.ToDictionary(member => member, _ => 0);
        foreach (var partition in partitions)
        {
            if (current.TryGetValue(partition, out var owner) && load.ContainsKey(owner) && subscribes(owner, partition.Topic))
                Give(partition, owner);
        }

        foreach (var partition in partitions)
        {
            if (!target.ContainsKey(partition) && LeastLoaded(partition) is { } member)
                Give(partition, member);
        }

        // Each move brings the loads closer together, so that this ends; going backwards leaves members their first partitions.
        for (var moved = true; moved;)
        {
            moved = false;
            for (var index = partitions.Count - 1; index >= 0; index--)
            {
                var partition = partitions[index];
                if (!target.TryGetValue(partition, out var owner))
                    continue;
                var member = LeastLoaded(partition)!;
                if (load[owner] - load[member] < 2)
                    continue;
                load[owner]--;
                Give(partition, member);
                moved = true;
            }
        }

        return target;

        void Give(TopicPartition partition, TMember member)
        {
            target[partition] = member;
            load[member]++;
        }

        TMember? LeastLoaded(TopicPartition partition) =>
            members.Where(member => subscribes(member, partition.Topic)).MinBy(member => load[member]);
    }
}
