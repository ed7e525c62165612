using CohortPipeline.Contracts;
using CohortPipeline.Lanes;
using CohortPipeline.Log;
using CohortPipeline.Rules.Plans;

namespace CohortPipeline.Evaluator;

/// <summary>Appends a partition's state to the changelog, once a commit. The changelog has as many partitions as <c>activity</c>.</summary>
internal sealed class ChangelogWriter(PipelineTopics topics, LaneOutput output)
{
    private readonly LaneTopic _topic = output.Topic(topics.EvaluatorChangelog.Name);
    private readonly ByteWriter _bytes = new();

    /// <summary>A profile in its last state; empty: it is forgotten.</summary>
    public void Profile(int partition, ReadOnlySpan<byte> key, ReadOnlySpan<byte> profile) =>
        output.Append(_topic, partition, key, profile.IsEmpty ? Bytes.Null : profile);

    /// <summary>The definitions that changed, and the change sets that profiles are being moved through.</summary>
    public void Plans(int partition, PartitionPlans before, PartitionPlans now)
    {
        if (ReferenceEquals(before, now))
            return;
        Plan(partition, before.Base, now.Base);
        foreach (var settled in before.Pending.Where(edition => edition.Plan.Generation <= now.Base.Generation))
            Edition(partition, settled, isSettled: true);
        foreach (var pending in now.Pending.Where(edition => edition.Plan.Generation > before.Current.Generation))
            Edition(partition, pending, isSettled: false);
    }

    /// <summary>The markers of a change set whose last part has not come yet.</summary>
    public void ChangeSet(int partition, OpenChangeSet before, OpenChangeSet now)
    {
        if (ReferenceEquals(before, now))
            return;
        for (var part = 0; part < Math.Max(before.Markers.Length, now.Markers.Length); part++)
            output.Append(_topic, partition, ChangelogKeys.Part(part), part < now.Markers.Length ? now.Markers[part] : Bytes.Null);
    }

    /// <summary>The last record of the transaction for this partition.</summary>
    public void Position(int partition, in PartitionCommit commit, CohortPlan plan, PartitionClock.Snapshot clock)
    {
        new PositionRecord(commit.Offset, commit.Sequence, plan.Generation, plan.NextCohortSlot, plan.NextBehaviorSlot, clock).Write(_bytes);
        output.Append(_topic, partition, ChangelogKeys.Position, _bytes.Written);
    }

    private void Plan(int partition, CohortPlan before, CohortPlan now)
    {
        if (ReferenceEquals(before, now))
            return;
        var stored = before.ToSnapshot().Entries.ToDictionary(entry => entry.CohortId);
        foreach (var entry in now.ToSnapshot().Entries)
        {
            stored.Remove(entry.CohortId);
            PlanRecord.Write(entry, _bytes);
            output.Append(_topic, partition, ChangelogKeys.Cohort(entry.CohortId), _bytes.Written);
        }

        foreach (var gone in stored.Keys)
            output.Append(_topic, partition, ChangelogKeys.Cohort(gone), Bytes.Null);
    }

    private void Edition(int partition, PlanEdition edition, bool isSettled)
    {
        var generation = edition.Plan.Generation;
        var markers = edition.ChangeSet.Markers;
        for (var part = 0; part < markers.Length; part++)
            output.Append(_topic, partition, ChangelogKeys.EditionPart(generation, part), isSettled ? Bytes.Null : markers[part]);
        EditionRecord.Of(edition).Write(_bytes);
        output.Append(_topic, partition, ChangelogKeys.Edition(generation), isSettled ? Bytes.Null : _bytes.Written);
    }
}
