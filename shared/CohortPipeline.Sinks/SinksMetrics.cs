using System.Diagnostics.Metrics;

namespace CohortPipeline.Sinks;

/// <summary>
/// What all sinks of a process count, by destination. Everything that is collected together is of one moment, so that received
/// = accepted + dead-lettered + filtered + in flight in every collection.
/// </summary>
internal sealed class SinksMetrics : IDisposable
{
    private const string DestinationTag = "cohort.destination.id";
    private const string SinkTag = "cohort.destination.sink";
    private const string CodeTag = "error.type";

    private readonly Meter _meter = new("CohortPipeline.Sinks");
    private readonly Lock _lock = new();
    private readonly HashSet<string> _collected = new(StringComparer.Ordinal);
    private readonly Func<IReadOnlyList<SinkReport>> _read;
    private IReadOnlyList<SinkReport> _moment = [];

    public SinksMetrics(Func<IReadOnlyList<SinkReport>> read, TimeProvider time)
    {
        _read = read;
        Change("cohort.sink.received", "{record}", "Records taken in, less those given back at a rebalance.", report => report.Counts.Received);
        Count("cohort.sink.accepted", "{record}", "Records that the destination has.", report => report.Counts.Accepted);
        Count("cohort.sink.dead_lettered", "{record}", "Records that the destination can never take.", report => report.Counts.DeadLettered);
        Count("cohort.sink.filtered", "{record}", "Records that this destination did not ask for.", report => report.Counts.Filtered);
        Change("cohort.sink.in_flight", "{record}", "Records taken in and not yet accepted.", report => report.Counts.InFlight);
        Change("cohort.sink.parked", "{destination}", "Destinations that refuse and are tried again with back-off.", report => report.State == SinkState.Parked ? 1 : 0);
        Change("cohort.sink.throttled_shards", "{shard}", "Shards that throttle and are slowed down.", report => report.ThrottledShards.Count);
        _meter.CreateObservableCounter(
            "cohort.sink.retries",
            () => Moment("cohort.sink.retries").SelectMany(report => report.Retries.Select(retry => new Measurement<long>(retry.Value, [.. TagsOf(report), new(CodeTag, retry.Key)]))),
            "{retry}",
            "Requests or entries of requests to be sent again, by the destination's own code.");
        _meter.CreateObservableGauge(
            "cohort.sink.oldest_unaccepted",
            () => Moment("cohort.sink.oldest_unaccepted").Select(report => new Measurement<double>(AgeOf(report, time.GetUtcNow()), TagsOf(report))),
            "s",
            "Age of the oldest record that was received and is neither accepted nor dead-lettered; 0: there is none.");
    }

    public void Dispose() => _meter.Dispose();

    private static double AgeOf(SinkReport report, DateTimeOffset now) => report.OldestUnacceptedAt is { } oldest ? Math.Max(0, (now - oldest).TotalSeconds) : 0;

    private static KeyValuePair<string, object?>[] TagsOf(SinkReport report) => [new(DestinationTag, report.DestinationId), new(SinkTag, report.Sink)];

    private void Count(string name, string unit, string description, Func<SinkReport, long> read) =>
        _meter.CreateObservableCounter(name, () => Measure(name, read), unit, description);

    private void Change(string name, string unit, string description, Func<SinkReport, long> read) =>
        _meter.CreateObservableUpDownCounter(name, () => Measure(name, read), unit, description);

    private IEnumerable<Measurement<long>> Measure(string name, Func<SinkReport, long> read) =>
        Moment(name).Select(report => new Measurement<long>(read(report), TagsOf(report)));

    /// <summary>Instruments are asked one after the other: whichever is asked a second time begins the next collection.</summary>
    private IReadOnlyList<SinkReport> Moment(string instrument)
    {
        lock (_lock)
        {
            if (_collected.Count == 0 || !_collected.Add(instrument))
            {
                _collected.Clear();
                _collected.Add(instrument);
                _moment = _read();
            }

            return _moment;
        }
    }
}
