using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.Kinesis;
using CohortPipeline.TestKit.SimulatedKafka;
using CohortPipeline.Tests.Simulation.World;

namespace CohortPipeline.Tests.Simulation.Delivery;

/// <summary>
/// A Kinesis stream in memory: shards with ranges of hashes and a bucket each, split and merged under their senders; entries
/// that fail, calls that fail, that time out before or after they were stored, or that are stored seconds later.
/// </summary>
internal sealed class SimulatedStream(SimulatedWorld world, StreamTroubles troubles) : IActor
{
    private const string Throttled = "ProvisionedThroughputExceededException";

    private readonly PriorityQueue<Action, (TimeSpan At, int Number)> _due = new();
    private readonly List<StreamShard> _shards = [new("shardId-000000000000", 0, UInt128.MaxValue)];
    private int _shardNumber;
    private int _dueNumber;

    /// <summary>What receivers see, in the order in which it was stored.</summary>
    public List<StoredEntry> Stored { get; } = [];

    /// <summary>Nothing is under way.</summary>
    public bool IsQuiet => _due.Count == 0;

    public void Step()
    {
        PassTime();
        if (world.Chance(world.IsCalm ? 0 : troubles.Reshards, 1_000))
            Reshard();
    }

    /// <summary>Somebody's request: what it was answered, and whether it was stored, comes in its own time.</summary>
    public void Receive(int sender, IReadOnlyList<SentEntry> entries, Action<DeliveryResponse> answer)
    {
        var kind = world.Chance(world.IsCalm ? 0 : troubles.Calls, 100) ? world.Random.Next(1, 6) : 0;
        switch (kind)
        {
            case 1:
                Later(Way() + Way(), () => answer(DeliveryResponse.Failed(FailureKind.Transient, "InternalFailure", "500")));
                break;
            case 2:
                Later(Way() + Way(), () => answer(DeliveryResponse.Failed(FailureKind.Refused, "AccessDeniedException", "")));
                break;
            case 3:
                Later(Patience(), () => answer(TimedOut));
                break;
            case 4:
                Later(Way(), () => Store(sender, entries));
                Later(Patience(), () => answer(TimedOut));
                break;
            case 5:
                var patience = Patience();
                Later(patience, () => answer(TimedOut));
                Later(patience + TimeSpan.FromMilliseconds(world.Random.Next(1, 9_000)), () => Store(sender, entries));
                break;
            default:
                Later(Way(), () =>
                {
                    var results = Store(sender, entries);
                    Later(Way(), () => answer(DeliveryResponse.Answered(results)));
                });
                break;
        }
    }

    /// <summary>What is due by now happens.</summary>
    public void PassTime()
    {
        while (_due.TryPeek(out var action, out var due) && due.At <= world.Broker.Clock.Elapsed)
        {
            _due.Dequeue();
            action();
        }
    }

    private static DeliveryResponse TimedOut => DeliveryResponse.Failed(FailureKind.Transient, "Timeout", "no answer in time");

    private TimeSpan Way() => TimeSpan.FromTicks(world.Random.NextInt64(troubles.Delay.Ticks + 1));

    private static TimeSpan Patience() => TimeSpan.FromSeconds(3);

    private void Later(TimeSpan delay, Action action) => _due.Enqueue(action, (world.Broker.Clock.Elapsed + delay, _dueNumber++));

    private List<EntryResult> Store(int sender, IReadOnlyList<SentEntry> entries)
    {
        var results = new List<EntryResult>();
        foreach (var entry in entries)
        {
            var shard = _shards.Find(shard => shard.Low <= entry.Hash && entry.Hash <= shard.High)!;
            if (!shard.Takes(world.Broker.Clock.Elapsed, world.IsCalm ? 1_000 : troubles.ShardRecordsPerSecond))
            {
                results.Add(new(Throttled, shard.Id));
            }
            else if (world.Chance(world.IsCalm ? 0 : troubles.Entries, 100))
            {
                results.Add(new("InternalFailure", null));
            }
            else
            {
                Stored.Add(new(sender, entry.Key, entry.Data));
                results.Add(new(null, shard.Id));
            }
        }

        return results;
    }

    private void Reshard()
    {
        var at = world.Random.Next(_shards.Count);
        var (low, high) = (_shards[at].Low, _shards[at].High);
        if (at + 1 < _shards.Count && world.Random.Next(2) == 0)
        {
            _shards[at] = New(low, _shards[at + 1].High);
            _shards.RemoveAt(at + 1);
        }
        else
        {
            var middle = low + ((high - low) / 2);
            _shards[at] = New(low, middle);
            _shards.Insert(at + 1, New(middle + 1, high));
        }

        world.Note($"the stream has {_shards.Count} shards now");
    }

    private StreamShard New(UInt128 low, UInt128 high) => new(string.Create(CultureInfo.InvariantCulture, $"shardId-{++_shardNumber:d12}"), low, high);

    private sealed class StreamShard(string id, UInt128 low, UInt128 high)
    {
        private double _tokens = 1;
        private TimeSpan _at;

        public string Id => id;

        public UInt128 Low => low;

        public UInt128 High => high;

        public bool Takes(TimeSpan now, int perSecond)
        {
            _tokens = Math.Min(perSecond, _tokens + ((now - _at).TotalSeconds * perSecond));
            _at = now;
            if (_tokens < 1)
                return false;
            _tokens--;
            return true;
        }
    }
}

/// <summary>An entry of a request, copied out of its sender's memory.</summary>
internal sealed record SentEntry(string Key, string Data, UInt128 Hash)
{
    public static SentEntry Of(OutboundRecord record)
    {
#pragma warning disable CA5351 // The stream's own hash of keys.
        var hash = MD5.HashData(record.Key);
#pragma warning restore CA5351
        return new(record.PartitionKey, Encoding.UTF8.GetString(record.Data.Span), System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash));
    }
}

/// <summary>An entry that the stream has, and who sent it.</summary>
internal sealed record StoredEntry(int Sender, string Key, string Data);

/// <summary>The way of one process to the stream.</summary>
internal sealed class SimulatedCarrier(SimulatedStream stream, SimulatedLog log, int sender, Action<IReadOnlyList<SentEntry>> whenSent) : IRequestCarrier
{
    private readonly Queue<(DeliveryRequest Request, DeliveryResponse Response)> _responses = new();

    public void Start(DeliveryRequest request)
    {
        var entries = request.Records.Select(SentEntry.Of).ToList();
        whenSent(entries);
        stream.Receive(sender, entries, response => _responses.Enqueue((request, response)));
    }

    public bool TryTake(out DeliveryRequest request, out DeliveryResponse response)
    {
        stream.PassTime();
        var taken = _responses.TryDequeue(out var pair);
        (request, response) = pair;
        return taken;
    }

    public void Wait(TimeSpan timeout)
    {
        if (_responses.Count == 0)
            log.Wait(timeout);
    }

    public void Dispose()
    {
        // What is under way arrives or not, whatever becomes of its sender.
    }
}
