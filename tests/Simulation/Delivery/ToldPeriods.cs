using CohortPipeline.Contracts;
using CohortPipeline.Sinks;
using CohortPipeline.TestKit.SimulatedKafka;

namespace CohortPipeline.Tests.Simulation.Delivery;

/// <summary>What a destination's partitions planned and told, as their records of <c>sink-state</c> say.</summary>
internal sealed class ToldPeriods(Broker broker, PipelineTopics topics, string destinationId)
{
    /// <summary>Of a partition, in order: each plan, and what the destination had been told before.</summary>
    public List<(PeriodPlan Plan, MembershipsCut? Before)> Plans(int partition) =>
        [.. States(partition).Where(state => state.Pending is not null).DistinctBy(state => state.Pending!.Boundary).Select(state => (state.Pending!, state.Last))];

    /// <summary>The last plans have all rows, and are told.</summary>
    public bool AreAllTold() => Enumerable.Range(0, topics.PartitionCount).All(partition =>
        States(partition).LastOrDefault() is { Pending: null, Last: { } last }
        && last.Ends.Select((end, row) => end >= broker.End(new(topics.Memberships.Name, row))).All(isAll => isAll));

    private IEnumerable<PartitionPeriods> States(int partition) => Enumerable.Range(0, topics.SinkState.PartitionCount)
        .SelectMany(place => broker.Visible(topics.SinkState.Name, place))
        .Where(entry => PartitionCoverageCodec.TryPartitionOf(entry.Record.Key, destinationId, out var found) && found == partition)
        .Select(entry => PartitionCoverageCodec.Decode(entry.Record.Value).Periods)
        .OfType<PartitionPeriods>();
}
