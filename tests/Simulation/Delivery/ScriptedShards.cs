using System.Globalization;
using System.Text.Json.Nodes;
using CohortPipeline.Contracts;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.Kinesis;
using CohortPipeline.TestKit.SimulatedKafka;

namespace CohortPipeline.Tests.Simulation.Delivery;

/// <summary>Eight shards of one range each, one of which a test may throttle, and the way to them, which it may cut. An answer takes 20 ms.</summary>
internal sealed class ScriptedShards(SimulatedClock clock) : IRequestCarrier
{
    public const int Count = 8;

    /// <summary>The one that is throttled.</summary>
    public const int Slow = 3;

    private static readonly TimeSpan Way = TimeSpan.FromMilliseconds(20);

    private readonly Queue<(TimeSpan At, DeliveryRequest Request, DeliveryResponse Response)> _answers = new();
    private readonly int[] _stored = new int[Count];
    private readonly Dictionary<string, long> _newest = [];
    private TimeSpan _slowAt;
    private double _slowTokens;

    /// <summary>Records a second that the slow shard takes; null: any.</summary>
    public double? SlowRate { get; set; }

    /// <summary>Every call is answered with 500, and nothing is stored.</summary>
    public bool IsDown { get; set; }

    /// <summary>Calls that came.</summary>
    public int Calls { get; private set; }

    /// <summary>What a user was told behind something newer, or twice.</summary>
    public List<string> Disorders { get; } = [];

    public int StoredIn(int shard) => _stored[shard];

    public int StoredBeside => _stored.Sum() - _stored[Slow];

    public int Stored => _stored.Sum();

    public void Start(DeliveryRequest request)
    {
        Calls++;
        _answers.Enqueue((
            clock.Elapsed + Way,
            request,
            IsDown ? DeliveryResponse.Failed(FailureKind.Transient, "InternalFailure", "500") : DeliveryResponse.Answered([.. request.Records.Select(Store)])));
    }

    public bool TryTake(out DeliveryRequest request, out DeliveryResponse response)
    {
        var isDue = _answers.TryPeek(out var answer) && answer.At <= clock.Elapsed;
        (request, response) = (answer.Request, answer.Response);
        if (isDue)
            _answers.Dequeue();
        return isDue;
    }

    public void Wait(TimeSpan timeout) => clock.Advance(timeout);

    public void Dispose()
    {
        // Nothing is held.
    }

    private EntryResult Store(OutboundRecord record)
    {
        var shard = (int)(ShardHash.Of(record.Key) >> 125);
        var id = string.Create(CultureInfo.InvariantCulture, $"shardId-{shard:d12}");
        if (shard == Slow && !TakesSlowly())
            return new("ProvisionedThroughputExceededException", id);
        _stored[shard]++;
        var time = long.Parse((string)JsonNode.Parse(record.Data.Span)!["computed_time"]!, CultureInfo.InvariantCulture);
        if (_newest.GetValueOrDefault(record.PartitionKey) >= time)
            Disorders.Add($"{record.PartitionKey} was told of {time} behind {_newest[record.PartitionKey]}");
        _newest[record.PartitionKey] = time;
        return new(null, id);
    }

    private bool TakesSlowly()
    {
        if (SlowRate is not { } rate)
            return true;
        _slowTokens = Math.Min(1, _slowTokens + ((clock.Elapsed - _slowAt).TotalSeconds * rate));
        _slowAt = clock.Elapsed;
        if (_slowTokens < 1)
            return false;
        _slowTokens--;
        return true;
    }
}
