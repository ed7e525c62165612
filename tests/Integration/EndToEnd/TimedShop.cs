using System.Text.Json;
using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Proof;
using CohortPipeline.TestKit.Shop;

namespace CohortPipeline.Tests.Integration.EndToEnd;

/// <summary>
/// A shop whose time the test makes: each minute is published at once, every record as of its own instant. All records of
/// the user with an even number lie in one source partition; those of the others are spread over both topics.
/// </summary>
internal sealed class TimedShop(PipelineSettings settings, ILog log, SteeredClock clock)
{
    public const long Minute = 60_000;

    private const int Seed = 71;
    private const int Users = 80;
    private const int RecordsAMinute = 90;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private readonly SyntheticShop _shop = new(Seed, Users);
    private readonly Producer _producer = new(log, $"{settings.Prefix}.test-producer");
    private readonly PipelineGroups _groups = new(settings.Topics);
    private int _number;

    public static bool IsInOnePartition(string profileKey) => (profileKey[^1] - '0') % 2 == 0;

    /// <summary>The source partition in which all records of such a user lie.</summary>
    public TopicPartition HomeOf(string profileKey) =>
        new(settings.Events, Partitioner.PartitionOf(System.Text.Encoding.UTF8.GetBytes(profileKey["u:".Length..]), settings.Partitions));

    /// <summary>The next minute happens.</summary>
    public void PublishMinute()
    {
        foreach (var record in _shop.Records(RecordsAMinute, clock.Now, clock.Now + Minute, withJunk: false).ToList())
        {
            clock.Now = record.Time;
            _producer.Publish([Place(record)]);
        }

        clock.Now = (clock.Now / Minute * Minute) + Minute;
    }

    /// <summary>Waits until ingest has read all partitions but these up to now and the evaluator has seen it say so.</summary>
    public async Task EvaluatedAsync(IReadOnlyCollection<TopicPartition> except, CancellationToken cancellation)
    {
        var ends = Array.Empty<long>();
        await Eventually.HoldsAsync(
            async token =>
            {
                var activity = await LogDump.TopicAsync(log, settings.Topics.Activity.Name, token);
                ends = [.. activity.Select(records => records.Count == 0 ? 0 : records[^1].Offset + 1)];
                return activity.Select(records => Unread(records, except)).FirstOrDefault(unread => unread is not null);
            },
            Deadline,
            cancellation);

        // Positions may be seen a moment before the outputs of their commit: the commit after it says that these are there too.
        await CommittedAsync(await CommittedAsync(ends, cancellation), cancellation);
    }

    /// <summary>Waits until the evaluator has committed so far in each partition; answers one further than where it stands.</summary>
    private async Task<long[]> CommittedAsync(long[] ends, CancellationToken cancellation)
    {
        CommittedPosition[] committed = [];
        await Eventually.HoldsAsync(
            async token =>
            {
                committed = await log.Admin.CommittedAsync(_groups.Evaluator, settings.Topics.Activity.Name, token);
                return committed.Where((position, partition) => position.Offset < ends[partition]).Any() ? "activity is not evaluated" : null;
            },
            Deadline,
            cancellation);
        return [.. committed.Select(position => position.Offset + 1)];
    }

    /// <summary>A source partition whose watermark has not come to now, as text; null: there is none.</summary>
    private string? Unread(IReadOnlyList<DumpedRecord> activity, IReadOnlyCollection<TopicPartition> except)
    {
        var read = new Dictionary<TopicPartition, long>();
        foreach (var record in activity)
        {
            var json = JsonSerializer.Deserialize<JsonElement>(record.Value);
            if (json.GetProperty("type").GetString() != "watermark")
                continue;
            foreach (var partition in json.GetProperty("read").EnumerateObject())
                read[new(json.GetProperty("topic").GetString()!, int.Parse(partition.Name, System.Globalization.CultureInfo.InvariantCulture))] = partition.Value.GetInt64();
        }

        foreach (var topic in (string[])[settings.Events, settings.Identifies])
        {
            for (var number = 0; number < settings.Partitions; number++)
            {
                var partition = new TopicPartition(topic, number);
                if (!except.Contains(partition) && read.GetValueOrDefault(partition) < clock.Now)
                    return $"{partition} is read up to {read.GetValueOrDefault(partition)} of {clock.Now}";
            }
        }

        return null;
    }

    private ProducedRecord Place(ProducedRecord record)
    {
        if (IsInOnePartition(record.Key!))
            return record with { Topic = settings.Events };
        return record.Topic == "events"
            ? record with { Topic = settings.Events, Key = $"{record.Key}-{++_number}" }
            : record with { Topic = settings.Identifies };
    }
}
