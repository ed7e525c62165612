using CohortPipeline.Contracts;
using CohortPipeline.Hosting;
using CohortPipeline.Log;
using CohortPipeline.Sinks;

namespace CohortPipeline.Control;

/// <summary>Puts the pipeline's status together from its topics and groups; nothing of it is kept.</summary>
public sealed class StatusReader
{
    private readonly CohortDefinitions _cohorts;
    private readonly CohortCounts _counts;
    private readonly ControlTransactions _transactions;
    private readonly PipelineOptions _options;
    private readonly SinkReports _sinks;
    private readonly TimeProvider _time;
    private readonly LagReader _lags;
    private readonly PipelineTopics _topics;
    private readonly PipelineGroups _groups;

    internal StatusReader(ILog log, CohortDefinitions cohorts, CohortCounts counts, ControlTransactions transactions, PipelineOptions options, SinkReports sinks, TimeProvider time)
    {
        _cohorts = cohorts;
        _counts = counts;
        _transactions = transactions;
        _options = options;
        _sinks = sinks;
        _time = time;
        _lags = new(log);
        _topics = options.Topics();
        _groups = new(_topics);
    }

    public async Task<ControlResult<PipelineStatus>> ReadAsync(CancellationToken cancellation)
    {
        var cohorts = await _cohorts.ListAsync(cancellation);
        if (cohorts.IsError)
            return cohorts.Error!;
        var destinations = await _transactions.ReadAsync(_topics.Destinations, cancellation);
        if (destinations.IsError)
            return destinations.Error!;
        try
        {
            return new PipelineStatus(
                _options.Log.ToString(),
                _options.Clock.ToString(),
                _options.Prefix,
                _counts.IsCaughtUp,
                [.. cohorts.Value.Select(cohort => new CohortStatus(cohort.Id, cohort.Name, cohort.Version, cohort.Members, cohort.Enters, cohort.Exits))],
                await Destinations(DestinationRows.Read(destinations.Value), cancellation),
                await Groups(cancellation));
        }
        catch (LogUnavailableException exception)
        {
            return Unavailable(exception);
        }
    }

    /// <summary>How destinations stand: one, or all of them where <paramref name="id"/> is null.</summary>
    public async Task<ControlResult<DestinationStatusList>> ReadDestinationsAsync(string? id, CancellationToken cancellation)
    {
        var rows = await _transactions.ReadAsync(_topics.Destinations, cancellation);
        if (rows.IsError)
            return rows.Error!;
        try
        {
            var all = await Destinations(DestinationRows.Read(rows.Value), cancellation);
            if (id is null)
                return new DestinationStatusList(all);
            return all.FirstOrDefault(destination => destination.Id == id) is { } one ? new DestinationStatusList([one]) : DestinationRows.NotFound(id);
        }
        catch (LogUnavailableException exception)
        {
            return Unavailable(exception);
        }
    }

    private static ControlError Unavailable(LogUnavailableException exception) =>
        new(ControlErrorKind.Unavailable, "The log does not answer", $"{exception.Message}. Ask again.");

    private async Task<IReadOnlyList<DestinationStatus>> Destinations(DestinationRows rows, CancellationToken cancellation)
    {
        var found = new List<DestinationStatus>();
        foreach (var destination in rows.Destinations.Values.OrderBy(destination => destination.Id, StringComparer.Ordinal))
        {
            var lag = await _lags.ReadAsync(_groups.Sink(destination.Id), TopicOf(destination), cancellation);
            found.Add(DestinationStatus.Of(destination.Id, destination.Sink, _sinks.Of(destination.Id), _time.GetUtcNow()) with { Lag = lag });
        }

        found.AddRange(rows.Unreadable.Select(row => new DestinationStatus(row.Key, "", "unreadable") { Reason = row.Value }));
        return found;
    }

    private async Task<IReadOnlyList<GroupLag>> Groups(CancellationToken cancellation)
    {
        var reading = _options.EventTopics.Select(topic => (_groups.EventIngest, topic))
            .Concat(_options.IdentifyTopics.Select(topic => (_groups.IdentifyIngest, topic)))
            .Append((_groups.Evaluator, _topics.Activity.Name));
        var lags = new List<GroupLag>();
        foreach (var (group, topic) in reading)
        {
            if (await _lags.ReadAsync(group, topic, cancellation) is { } lag)
                lags.Add(lag);
        }

        return lags;
    }

    /// <summary>What a destination's sink reads: events come from <c>activity</c>, CSV files from <c>memberships</c>, all else from deltas.</summary>
    private string TopicOf(Destination destination) => destination switch
    {
        KinesisDestination { Format: KinesisFormat.Events } => _topics.Activity.Name,
        S3Destination => _topics.Memberships.Name,
        _ => _topics.MembershipDeltas.Name,
    };
}
