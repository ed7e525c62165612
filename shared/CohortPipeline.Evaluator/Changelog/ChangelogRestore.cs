using System.Globalization;
using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.Rules.Plans;
using CohortPipeline.State;

namespace CohortPipeline.Evaluator;

/// <summary>
/// Reads a partition's state back from the changelog: up to its uncommitted end, asked after the committed position was,
/// because a predecessor's commit may be decided for the positions before it is visible here.
/// </summary>
internal sealed class ChangelogRestore(ILog log, PipelineTopics topics, TimeProvider time, TimeSpan timeout)
{
    private const int BatchRecordsMax = 10_000;

    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(200);

    /// <summary>Fills the store and answers the rest of the state; null for a partition that nothing was ever committed for.</summary>
    /// <exception cref="TimeoutException">A predecessor's transaction did not end in time.</exception>
    public RestoredPartition? Run(int partition, ProfileStore store)
    {
        var changelog = new TopicPartition(topics.EvaluatorChangelog.Name, partition);
        using var reader = log.OpenReader(new($"{topics.Named("evaluator")}.restore"));
        var end = reader.EndOffset(changelog, Isolation.Uncommitted);
        var read = new RestoredRecords();
        var position = reader.FirstOffset(changelog);
        reader.Assign([new(changelog.Topic, partition, position)]);
        var started = time.GetTimestamp();
        while (position < end)
        {
            var batch = reader.Poll(BatchRecordsMax, Wait);
            foreach (ref readonly var record in batch.Records)
            {
                position = record.Offset + 1;
                if (ChangelogKeys.IsProfile(record.Key))
                    store.Restore(record.Key, record.Value);
                else
                    read.Take(record.Key, record.IsTombstone ? null : record.Value.ToArray());
            }

            foreach (ref readonly var signal in batch.Signals)
            {
                if (signal.Kind == PartitionSignalKind.EndOfPartition)
                    position = Math.Max(position, signal.Offset);
            }

            if (batch.Records.Length > 0)
                started = time.GetTimestamp();
            else if (time.GetElapsedTime(started) > timeout)
                throw new TimeoutException($"{changelog}: read up to offset {position} of {end}, then nothing for {timeout}: a transaction that was open there has not ended");
        }

        return read.Build();
    }

    /// <summary>The newest value of each of the partition's own keys.</summary>
    private sealed class RestoredRecords
    {
        private readonly Dictionary<string, byte[]> _cohorts = [];
        private readonly SortedDictionary<int, byte[]> _parts = [];
        private byte[]? _position;

        public void Take(ReadOnlySpan<byte> key, byte[]? value)
        {
            if (key.SequenceEqual(ChangelogKeys.Position))
                _position = value;
            else if (key.StartsWith(ChangelogKeys.CohortPrefix))
                Put(_cohorts, Encoding.UTF8.GetString(key[ChangelogKeys.CohortPrefix.Length..]), value);
            else if (key.StartsWith(ChangelogKeys.PartPrefix))
                Put(_parts, int.Parse(key[ChangelogKeys.PartPrefix.Length..], CultureInfo.InvariantCulture), value);
            else
                throw new InvalidDataException($"the changelog has a record under the key {Convert.ToHexString(key)}, which this version does not know: it was written by a newer version; start that one");
        }

        public RestoredPartition? Build()
        {
            if (_position is null)
                return null;
            var position = PositionRecord.Read(_position);
            var entries = _cohorts.Select(pair => PlanRecord.Read(pair.Key, pair.Value)).ToList();
            var plan = CohortPlan.Restore(new(position.PlanGeneration, position.NextCohortSlot, position.NextBehaviorSlot, entries));
            return new(position, plan, OpenChangeSetOf(_parts.Values));
        }

        private static OpenChangeSet OpenChangeSetOf(IEnumerable<byte[]> markers)
        {
            var reader = new ActivityReader();
            var changeSet = OpenChangeSet.None;
            foreach (var marker in markers)
            {
                if (!reader.TryRead(marker, out var record, out var error))
                    throw new InvalidDataException($"the changelog holds a part of a change set that is no record of activity: {error}");
                changeSet = changeSet.Add(record, marker, out var refused);
                if (refused.Length > 0)
                    throw new InvalidDataException($"the changelog holds a part of a change set that is refused: {refused}");
            }

            return changeSet;
        }

        private static void Put<TKey>(IDictionary<TKey, byte[]> values, TKey key, byte[]? value)
        {
            if (value is null)
                values.Remove(key);
            else
                values[key] = value;
        }
    }
}

/// <summary>What the changelog held beside profiles.</summary>
internal sealed record RestoredPartition(PositionRecord Position, CohortPlan Plan, OpenChangeSet ChangeSet);
