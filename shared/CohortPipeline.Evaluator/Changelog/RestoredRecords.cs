using System.Globalization;
using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Rules.Plans;

namespace CohortPipeline.Evaluator;

/// <summary>The newest value of each of the partition's own keys.</summary>
internal sealed class RestoredRecords
{
    private readonly Dictionary<string, byte[]> _cohorts = [];
    private readonly SortedDictionary<int, byte[]> _parts = [];
    private readonly SortedDictionary<int, byte[]> _editions = [];
    private readonly SortedDictionary<(int Generation, int Part), byte[]> _editionParts = [];
    private readonly List<(byte[] Key, byte[]? Value)> _ofOpenCommit = [];

    /// <summary>Where the partition stands; null: nothing was ever committed for it.</summary>
    public PositionRecord? Position { get; private set; }

    /// <summary>
    /// Takes the next record. A commit's position record is its last, so what came before it counts once it is there: of a
    /// newer owner's commit the restore's end may let the first half through.
    /// </summary>
    public void Take(ReadOnlySpan<byte> key, byte[]? value)
    {
        if (!key.SequenceEqual(ChangelogKeys.Position))
        {
            _ofOpenCommit.Add((key.ToArray(), value));
            return;
        }

        foreach (var (earlierKey, earlierValue) in _ofOpenCommit)
            Apply(earlierKey, earlierValue);
        _ofOpenCommit.Clear();
        Position = value is null ? null : PositionRecord.Read(value);
    }

    public RestoredPartition? Build()
    {
        if (Position is not { } position)
            return null;
        var entries = _cohorts.Select(pair => PlanRecord.Read(pair.Key, pair.Value)).ToList();
        var plans = new PartitionPlans(CohortPlan.Restore(new(position.PlanGeneration, position.NextCohortSlot, position.NextBehaviorSlot, entries)));
        foreach (var (generation, stored) in _editions)
        {
            var edition = EditionRecord.Read(stored);
            var changeSet = OpenChangeSetOf(_editionParts.Where(part => part.Key.Generation == generation).Select(part => part.Value));
            if (!changeSet.IsComplete(edition.Parts))
                throw new InvalidDataException($"the changelog holds {changeSet.Parts.Length} of the {edition.Parts} parts of the change set that made plan generation {generation}");
            plans = plans.With(new(plans.Current.Apply(changeSet.Parts), edition.Watermark, edition.TimerLimit, edition.Offset, changeSet));
        }

        return new(position, plans, OpenChangeSetOf(_parts.Values));
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

    private void Apply(ReadOnlySpan<byte> key, byte[]? value)
    {
        if (key.StartsWith(ChangelogKeys.CohortPrefix))
            Put(_cohorts, Encoding.UTF8.GetString(key[ChangelogKeys.CohortPrefix.Length..]), value);
        else if (key.StartsWith(ChangelogKeys.PartPrefix))
            Put(_parts, NumberIn(key[ChangelogKeys.PartPrefix.Length..]), value);
        else if (key.StartsWith(ChangelogKeys.EditionPrefix))
            ApplyEdition(key[ChangelogKeys.EditionPrefix.Length..], value);
        else
            throw new InvalidDataException($"the changelog has a record under the key {Convert.ToHexString(key)}, which this version does not know: it was written by a newer version; start that one");
    }

    private void ApplyEdition(ReadOnlySpan<byte> numbers, byte[]? value)
    {
        var slash = numbers.IndexOf((byte)'/');
        if (slash < 0)
            Put(_editions, NumberIn(numbers), value);
        else
            Put(_editionParts, (NumberIn(numbers[..slash]), NumberIn(numbers[(slash + 1)..])), value);
    }

    private static int NumberIn(ReadOnlySpan<byte> digits) => int.Parse(digits, CultureInfo.InvariantCulture);

    private static void Put<TKey>(IDictionary<TKey, byte[]> values, TKey key, byte[]? value)
    {
        if (value is null)
            values.Remove(key);
        else
            values[key] = value;
    }
}

/// <summary>What the changelog held beside profiles.</summary>
internal sealed record RestoredPartition(PositionRecord Position, PartitionPlans Plans, OpenChangeSet ChangeSet);
