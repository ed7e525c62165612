using System.Globalization;
using System.Text.Json.Nodes;
using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.TestKit.SimulatedKafka;

namespace CohortPipeline.Tests.Simulation.Delivery;

/// <summary>Which evaluations were sent by processes that began when what was committed.</summary>
internal sealed class SentEvaluations(Broker broker, PipelineTopics topics, string group)
{
    private readonly Dictionary<int, List<CommittedPosition[]>> _sent = [];

    /// <summary>What a process that begins now must not send any more: the positions that are committed, and what is beyond them.</summary>
    public CommittedPosition[] CommittedNow() =>
        [.. Enumerable.Range(0, topics.PartitionCount).Select(partition => broker.Committed(group, new(topics.MembershipDeltas.Name, partition)))];

    /// <summary>A process sent these, which began when so much was committed.</summary>
    public void Sent(IReadOnlyList<SentEntry> entries, CommittedPosition[] committedBefore)
    {
        foreach (var number in entries.SelectMany(entry => NumbersOf(entry.Data)))
        {
            if (!_sent.TryGetValue(number, out var sent))
                _sent[number] = sent = [];
            sent.Add(committedBefore);
        }
    }

    /// <summary>What was committed before, each time that the evaluation was sent; empty if it never was.</summary>
    public IEnumerable<CommittedPosition[]> After(int number) => _sent.GetValueOrDefault(number) ?? [];

    /// <summary>The evaluations that a payload of either format tells of.</summary>
    public static IEnumerable<int> NumbersOf(string data)
    {
        var payload = JsonNode.Parse(data)!;
        if (payload["meta"] is { } meta)
            return [DeliveryWorkload.NumberOf(Instant((string)meta["timestamp"]!))];
        var number = DeliveryWorkload.NumberOf(long.Parse((string)payload["computed_time"]!, CultureInfo.InvariantCulture) * 1_000);
        return payload["users"]!.AsArray().Select(_ => number);
    }

    /// <summary>Those that were given up, in the order in which that was written.</summary>
    public static IEnumerable<int> DeadLetters(Broker broker, PipelineTopics topics) => Enumerable.Range(0, topics.DeadLetters.PartitionCount)
        .SelectMany(partition => broker.Visible(topics.DeadLetters.Name, partition))
        .Select(letter => DeliveryWorkload.NumberOf(Instant((string)JsonNode.Parse(letter.Record.Value)!["at"]!)));

    private static long Instant(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();
}
