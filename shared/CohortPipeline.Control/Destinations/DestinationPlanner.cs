using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Sinks;

namespace CohortPipeline.Control;

public enum DestinationChangeKind
{
    Created,
    Changed,
    Unchanged,
    Deleted,
}

/// <summary>What happened to a destination; <see cref="AwaitedCohorts"/> are named by it and do not exist yet.</summary>
public sealed record DestinationChange(string Id, DestinationChangeKind Kind, string? ExternalId, IReadOnlyList<string> AwaitedCohorts);

/// <summary>What a text of destinations came to.</summary>
public sealed record DestinationChangeSet(IReadOnlyList<DestinationChange> Destinations);

/// <summary>Takes destinations in, or deletes one: checks them against each other and against the cohorts they name. Pure.</summary>
internal sealed class DestinationPlanner(PipelineTopics topics, Func<string> makeExternalId)
{
    public ControlResult<ControlDraft<DestinationChangeSet>> Add(TopicRows rows, IReadOnlyList<Destination> added, Func<string, ExportedProperties?> exportsOf)
    {
        var present = DestinationRows.Read(rows).Destinations;
        var admitted = new List<Destination>();
        var errors = new List<string>();
        foreach (var destination in added)
        {
            var reading = DestinationAdmission.Admit(destination, present.GetValueOrDefault(destination.Id), makeExternalId);
            admitted.AddRange(reading.Destinations);
            errors.AddRange(reading.Errors.Concat(DestinationChecks.AgainstCohorts(destination, exportsOf)).Select(error => $"{destination.Id}: {error}"));
        }

        var others = present.Values.Where(destination => !added.Any(one => one.Id == destination.Id));
        errors.AddRange(DestinationChecks.Together(others.Concat(admitted)).Select(error => error.ToString()));
        if (errors.Count > 0)
            return new ControlError(ControlErrorKind.Invalid, "The destinations have errors; nothing was added", errors);

        var changes = new List<DestinationChange>();
        var appends = new List<ControlAppend>();
        foreach (var destination in admitted)
        {
            var value = DestinationCodec.Encode(destination);
            var kind = KindOf(rows, destination.Id, value);
            changes.Add(new(destination.Id, kind, (destination as KinesisDestination)?.ExternalId, DestinationChecks.AwaitedCohorts(destination, id => exportsOf(id) is not null)));
            if (kind != DestinationChangeKind.Unchanged)
                appends.Add(new(topics.Destinations.Name, 0, Encoding.UTF8.GetBytes(destination.Id), value));
        }

        return new ControlDraft<DestinationChangeSet>(new(changes), appends);
    }

    public ControlResult<ControlDraft<DestinationChangeSet>> Delete(TopicRows rows, string id)
    {
        if (!rows.ByKey.ContainsKey(id))
            return DestinationRows.NotFound(id);
        return new ControlDraft<DestinationChangeSet>(
            new([new(id, DestinationChangeKind.Deleted, null, [])]),
            [new(topics.Destinations.Name, 0, Encoding.UTF8.GetBytes(id), null)]);
    }

    private static DestinationChangeKind KindOf(TopicRows rows, string id, byte[] value)
    {
        if (!rows.ByKey.TryGetValue(id, out var before))
            return DestinationChangeKind.Created;
        return before.AsSpan().SequenceEqual(value) ? DestinationChangeKind.Unchanged : DestinationChangeKind.Changed;
    }
}
