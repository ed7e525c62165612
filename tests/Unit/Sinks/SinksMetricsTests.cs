using System.Diagnostics.Metrics;
using CohortPipeline.Sinks;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace CohortPipeline.Tests.Unit.Sinks;

public sealed class SinksMetricsTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly SinkStatuses _statuses;
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, double> _measured = [];
    private readonly string _destination = $"metrics-{Guid.NewGuid():n}";
    private Action _between = () => { };

    public SinksMetricsTests()
    {
        _statuses = new(_time);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "CohortPipeline.Sinks")
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Measure(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Measure(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>Goal: no collection catches a destination between two counts. Method: it counts on between any two instruments that are collected.</summary>
    [Fact]
    public void Every_collection_adds_up()
    {
        const int seed = 20261129;
        const int collections = 2_000;
        var status = _statuses.Open(_destination, "kinesis");
        var random = new Random(seed);
        var counts = SinkCounts.Zero;
        _between = () =>
        {
            var (accepted, dead, filtered, inFlight) = (random.Next(1, 9), random.Next(3), random.Next(5), random.Next(500));
            var settled = counts.WithoutInFlight().Plus(new(accepted + dead + filtered, accepted, dead, filtered, 0));
            counts = settled with { Received = settled.Received + inFlight, InFlight = inFlight };
            status.Count(counts, null);
        };
        var last = 0.0;
        for (var i = 0; i < collections; i++)
        {
            Collect();
            Assert.Equal(_measured["cohort.sink.received"], _measured["cohort.sink.accepted"] + _measured["cohort.sink.dead_lettered"] + _measured["cohort.sink.filtered"] + _measured["cohort.sink.in_flight"]);
            Assert.True(i == 0 || _measured["cohort.sink.accepted"] > last, $"seed {seed}: collection {i} is of the moment of the one before");
            last = _measured["cohort.sink.accepted"];
        }
    }

    [Fact]
    public void Tells_what_is_parked_throttled_repeated_and_waiting()
    {
        var status = _statuses.Open(_destination, "kinesis");
        status.Park("AccessDeniedException");
        status.Throttled(["shardId-000000000001", "shardId-000000000004"]);
        status.Retried("InternalFailure", 3);
        status.Retried("InternalFailure", 4);
        status.Count(new(1, 0, 0, 0, 1), _time.GetUtcNow());
        _time.Advance(TimeSpan.FromSeconds(90));
        Collect();
        Assert.Equal((1, 2, 7, 90), (_measured["cohort.sink.parked"], _measured["cohort.sink.throttled_shards"], _measured["cohort.sink.retries InternalFailure"], _measured["cohort.sink.oldest_unaccepted"]));

        _statuses.Remove(_destination);
        Collect();
        Assert.Empty(_measured);
    }

    /// <summary>A run that ends gives back what it had in flight, and the next one counts on.</summary>
    [Fact]
    public void Counts_do_not_go_back_where_a_destination_is_run_again()
    {
        var status = _statuses.Open(_destination, "kinesis");
        status.Count(new(10, 6, 1, 1, 2), _time.GetUtcNow());
        status.Begin();
        Assert.Equal((new SinkCounts(8, 6, 1, 1, 0), null), (status.Report.Counts, status.Report.OldestUnacceptedAt));
        status.Count(new(4, 1, 0, 0, 3), _time.GetUtcNow());
        Assert.Equal(new SinkCounts(12, 7, 1, 1, 3), status.Report.Counts);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _statuses.Dispose();
    }

    private void Collect()
    {
        _measured.Clear();
        _listener.RecordObservableInstruments();
    }

    private void Measure(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var code = "";
        var isOurs = false;
        foreach (var (name, text) in tags)
        {
            if (name == "error.type")
                code = $" {text}";
            isOurs |= name == "cohort.destination.id" && (string?)text == _destination;
        }

        if (isOurs)
            _measured[instrument.Name + code] = value;
        _between();
    }
}
