using System.Text;
using System.Text.Json.Nodes;
using CohortPipeline.Contracts;
using CohortPipeline.Sinks;
using CohortPipeline.TestKit.SimulatedKafka;
using CohortPipeline.TestKit.SimulatedKafka.Partitions;

namespace CohortPipeline.Tests.Simulation.Delivery;

/// <summary>
/// Holds what a stream has against what each plan was to tell: of every user whether they are a member before the plan's ends,
/// where that is not what they were before the last one's.
/// </summary>
internal sealed class PeriodicVerdict(Broker broker, PipelineTopics topics, DeliveryWorkload workload, ToldPeriods periods, SentEvaluations sent, bool mayRepeat)
{
    public string? FirstFault(SimulatedStream stream)
    {
        var arrived = stream.Stored.SelectMany(entry => SentEvaluations.NumbersOf(entry.Data).Select(number => (Number: number, entry.Data))).ToList();
        var expected = Enumerable.Range(0, topics.PartitionCount).SelectMany(Expected).ToList();
        return Untold(expected, arrived.ConvertAll(one => one.Number))
            ?? Disordered(expected, [.. arrived.Select(one => one.Number).Distinct()])
            ?? Repeated([.. arrived.GroupBy(one => one.Number).Where(same => same.Count() > 1)])
            ?? SentInVain(expected);
    }

    private string? Untold(List<Told> expected, List<int> arrived)
    {
        var letters = SentEvaluations.DeadLetters(broker, topics).Order().ToList();
        var toBeGivenUp = expected.Where(told => FateOf(told) == Fate.DeadLetter).Select(told => told.Number).Order().ToList();
        if (!letters.SequenceEqual(toBeGivenUp))
            return $"dead letters are [{string.Join(", ", letters)}], expected [{string.Join(", ", toBeGivenUp)}]";
        var toArrive = expected.Where(told => FateOf(told) == Fate.Wanted).Select(told => told.Number).Distinct().Order().ToList();
        return toArrive.SequenceEqual(arrived.Distinct().Order()) ? null : $"told were [{string.Join(", ", arrived.Distinct().Order())}], expected [{string.Join(", ", toArrive)}]";
    }

    /// <summary>A user is told what came first before what came later.</summary>
    private string? Disordered(List<Told> expected, List<int> arrived)
    {
        var place = arrived.Select((number, index) => (number, index)).ToDictionary(one => one.number, one => one.index);
        foreach (var user in expected.Where(told => place.ContainsKey(told.Number)).GroupBy(told => told.User))
        {
            var places = user.OrderBy(told => told.Rank).Select(told => place[told.Number]).ToList();
            if (!places.SequenceEqual(places.Order()))
                return $"user {user.Key} was told [{string.Join(", ", user.OrderBy(told => place[told.Number]).Select(told => told.Number))}] in this order";
        }

        return null;
    }

    private string? Repeated(List<IGrouping<int, (int Number, string Data)>> repeats)
    {
        foreach (var same in repeats)
        {
            if (!mayRepeat)
                return $"{workload.Evaluations[same.Key - 1]} is in the stream {same.Count()} times, and nothing went wrong";
            if (workload.Destination.IdentifierField is not null && same.Select(one => one.Data).Distinct().Count() > 1)
                return $"{workload.Evaluations[same.Key - 1]} came again with other bytes: {string.Join(" and ", same.Select(one => one.Data).Distinct())}";
        }

        return null;
    }

    /// <summary>What is committed as told is not sent by a process that began behind that.</summary>
    private string? SentInVain(List<Told> expected)
    {
        foreach (var told in expected)
        {
            foreach (var committed in sent.After(told.Number).Select(positions => positions[told.Partition]))
            {
                if (DeliveryMetadata.OfNumbered(committed) is { } metadata && (told.Rank < metadata.Ahead.Position || metadata.Ahead.Has(told.Rank)))
                    return $"{told} was sent by a process that began when it was committed as told ({committed})";
            }
        }

        return null;
    }

    /// <summary>What a partition's plans were to tell, in order.</summary>
    private IEnumerable<Told> Expected(int partition)
    {
        var rows = Rows().Where(row => Partitioner.PartitionOf(Encoding.UTF8.GetBytes($"u:{row.User}"), topics.PartitionCount) == partition).ToList();
        foreach (var (plan, before) in periods.Plans(partition))
        {
            var changed = rows.Where(row => row.Offset < plan.Cut.Ends[row.Partition])
                .GroupBy(row => row.User)
                .Select(user => (Now: user.MaxBy(row => row.Offset)!, Was: user.Where(row => row.Offset < (before?.Ends[row.Partition] ?? 0)).MaxBy(row => row.Offset)))
                .Where(user => plan.Since is { } since ? user.Now.IsIn || user.Now.WrittenAt >= since : user.Now.IsIn != (user.Was?.IsIn ?? false))
                .Select(user => user.Now)
                .OrderBy(row => Encoding.UTF8.GetByteCount(row.User))
                .ThenBy(row => row.User, StringComparer.Ordinal);
            var rank = plan.First;
            foreach (var row in changed)
                yield return new(partition, rank++, row.Number, row.User);
        }
    }

    private IEnumerable<Row> Rows() => Enumerable.Range(0, topics.Memberships.PartitionCount).SelectMany(partition => broker.Visible(topics.Memberships.Name, partition).SelectMany(entry => RowOf(partition, entry.Offset, entry.Record)));

    private static IEnumerable<Row> RowOf(int partition, long offset, SimulatedRecord record)
    {
        var key = Encoding.UTF8.GetString(record.Key!);
        if (!key.StartsWith($"{DeliveryWorkload.Cohort}/u:", StringComparison.Ordinal))
            yield break;
        var value = JsonNode.Parse(record.Value)!;
        var number = DeliveryWorkload.NumberOf((long)value["computed_at"]! * 1_000);
        yield return new(partition, offset, key[(DeliveryWorkload.Cohort.Length + 3)..], number, (bool)value["in"]!, record.Timestamp);
    }

    private Fate FateOf(Told told) => workload.Evaluations[told.Number - 1].Fate;

    private sealed record Row(int Partition, long Offset, string User, int Number, bool IsIn, long WrittenAt);

    /// <summary>A change, and its number among its partition's.</summary>
    private sealed record Told(int Partition, long Rank, int Number, string User);
}
