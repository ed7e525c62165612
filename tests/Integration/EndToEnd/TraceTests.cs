using System.Text.Json;
using CohortPipeline.Contracts;
using CohortPipeline.Hosting;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Aws;
using CohortPipeline.TestKit.Kafka;
using CohortPipeline.TestKit.Shop;
using CohortPipeline.TestKit.Telemetry;
using Xunit;

namespace CohortPipeline.Tests.Integration.EndToEnd;

/// <summary>What an operator sees in a collector: one trace from a producer's record to the calls of the destinations, and the metrics.</summary>
public sealed class TraceTests(SharedKafka kafka, VersityGateway gateway)
{
    private const string Cohort = "id: carts\nwhere: { did: { event: cart_added, within: 1h } }";
    private const string UserPrefix = "somebody-";
    private const string ProducerTrace = "0af7651916cd43dd8448eb211c80319c";
    private const string ProducerSpan = "b7ad6b7169203331";
    private const string LaterTrace = "1bf7651916cd43dd8448eb211c80319c";
    private const string UnsampledTrace = "2cf7651916cd43dd8448eb211c80319c";

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private double _sampleRatio = 1;

    [Fact]
    public async Task One_trace_leads_from_the_producers_record_to_the_calls_of_the_destinations()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var settings = PipelineSettings.Kafka(await kafka.ServersAsync(), ClockKind.Wall);
        await using var collector = await Collector.StartAsync();
        await using var output = await ServerOutput.StartAsync(gateway, cancellation);
        await using var services = await KafkaServices.StartAsync(settings, cancellation, service => EnvironmentOf(service, output, collector));
        await using var log = await kafka.OpenAsync();
        await output.AddDestinationsAsync(services.Control, cancellation);
        await services.Control.ApplyAsync([Cohort], cancellation);
        var producer = new Producer(log, $"{settings.Prefix}.test-producer");

        producer.Publish([Cart(settings, "ada", $"00-{ProducerTrace}-{ProducerSpan}-01")]);
        await ExpectWholeTraceAsync(collector, settings, spans => spans.SingleOrDefault(span => span.TraceId == ProducerTrace && span.ParentId == ProducerSpan && span.Name.StartsWith("process ", StringComparison.Ordinal)), cancellation);

        // Without a context a trace begins at ingest, by the ratio.
        producer.Publish([Cart(settings, "bob", traceParent: null)]);
        await ExpectWholeTraceAsync(collector, settings, spans => spans.SingleOrDefault(span => span.ParentId.Length == 0 && span.Name == $"process {settings.Events}"), cancellation);

        producer.Publish([Cart(settings, "eve", traceParent: null) with { Value = "no json" }]);
        await ExpectMetricsAsync(collector, settings, cancellation);

        _sampleRatio = 0;
        Assert.Equal(0, await services.StopAsync(KafkaServices.EventIngest, cancellation));
        services.Start(KafkaServices.EventIngest);
        await services.ReadyAsync(KafkaServices.EventIngest, cancellation);
        producer.Publish([Cart(settings, "joe", traceParent: null), Cart(settings, "sue", $"00-{UnsampledTrace}-{ProducerSpan}-00"), Cart(settings, "zoe", $"00-{LaterTrace}-{ProducerSpan}-01")]);
        await ExpectWholeTraceAsync(collector, settings, spans => spans.SingleOrDefault(span => span.TraceId == LaterTrace && span.Name == $"process {settings.Events}"), cancellation);

        var collected = await collector.ReadAsync(cancellation);
        // Ada's, Bob's, the broken record's and Zoe's: with a ratio of 0 none began, and what its producer left out stayed out.
        Assert.Equal(4, collected.Spans.Count(span => span.Name == $"process {settings.Events}"));
        Assert.DoesNotContain(collected.Spans, span => span.TraceId == UnsampledTrace);
        Assert.DoesNotContain(
            collected.Spans.SelectMany(span => span.Attributes.Values).Concat(collected.Points.SelectMany(point => point.Attributes.Values)),
            value => value.Contains(UserPrefix, StringComparison.Ordinal));
    }

    private Dictionary<string, string> EnvironmentOf(string service, ServerOutput output, Collector collector) => new(output.EnvironmentOf(service))
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Endpoint.ToString(),
        ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "1000",
        ["Telemetry__SampleRatio"] = _sampleRatio.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };

    private static ProducedRecord Cart(PipelineSettings settings, string user, string? traceParent) => new(
        settings.Events,
        Key: "one partition",
        JsonSerializer.Serialize(new { @event = "cart_added", user_id = UserPrefix + user }),
        TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(),
        traceParent);

    /// <summary>From ingest's span of a record on: through <c>activity</c>, delta and membership row to the calls of every destination.</summary>
    private static Task ExpectWholeTraceAsync(Collector collector, PipelineSettings settings, Func<IReadOnlyList<CollectedSpan>, CollectedSpan?> findIngest, CancellationToken cancellation) => Eventually.HoldsAsync(
        async token =>
        {
            var spans = (await collector.ReadAsync(token)).Spans;
            if (findIngest(spans) is not { } ingest)
                return $"no span of the record at ingest among {spans.Count}";
            return MissingBehind(ingest, [.. spans.Where(span => span.TraceId == ingest.TraceId || span.Links.Any(link => link.TraceId == ingest.TraceId))], settings) is { } missing
                ? $"{missing} is missing; there are\n{string.Join('\n', spans.Where(span => span.TraceId == ingest.TraceId).Select(span => $"{span.Service}: {span.Name} {span.Id} of {span.ParentId}"))}"
                : null;
        },
        Deadline,
        cancellation);

    private static string? MissingBehind(CollectedSpan ingest, IReadOnlyList<CollectedSpan> spans, PipelineSettings settings)
    {
        var topics = settings.Topics;
        if (ingest.Service != KafkaServices.EventIngest || ingest.Kind != "Consumer")
            return $"a consumer's span of {KafkaServices.EventIngest}";
        if (Child(ingest, $"send {topics.Activity.Name}", KafkaServices.EventIngest, "Producer") is not { } activity)
            return "ingest's send";
        if (Child(activity, $"process {topics.Activity.Name}", KafkaServices.Evaluator, "Consumer") is not { } evaluation)
            return "the evaluation";
        if (Child(evaluation, $"send {topics.MembershipDeltas.Name}", KafkaServices.Evaluator, "Producer") is not { } delta)
            return "the delta's send";
        if (Child(evaluation, $"send {topics.Memberships.Name}", KafkaServices.Evaluator, "Producer") is not { } row)
            return "the row's send";
        foreach (var (stream, cause) in ((string, CollectedSpan)[])[(ShopDestinations.CohortUpdates, delta), (ShopDestinations.ProfileTriggers, delta), (ShopDestinations.ShopEvents, activity)])
        {
            if (Child(cause, "Kinesis.PutRecords", KafkaServices.KinesisSink, "Client", ("aws.kinesis.stream_name", stream)) is null)
                return $"PutRecords to {stream}";
        }

        if (Child(row, "sync carts", KafkaServices.S3Sink, "Internal") is not { } sync)
            return "the sync";
        if (Child(sync, "S3.PutObject", KafkaServices.S3Sink, "Client", isLinked: false) is null)
            return "PutObject";
        foreach (var (operation, service, cause) in Batches())
        {
            if (!spans.Any(span => span.Service == service && span.Name == operation && span.Links.Contains((cause.TraceId, cause.Id))))
                return $"{operation} of {service}";
        }

        return null;

        // A span that continues one, and where it stands for several is linked to each.
        CollectedSpan? Child(CollectedSpan parent, string name, string service, string kind, (string Name, string Value)? attribute = null, bool? isLinked = null) => spans.FirstOrDefault(span =>
            span.ParentId == parent.Id && span.TraceId == parent.TraceId && span.Name == name && span.Service == service && span.Kind == kind
            && (attribute is not { } wanted || span.Attributes.GetValueOrDefault(wanted.Name) == wanted.Value)
            && ((isLinked ?? kind is "Client" or "Internal") == span.Links.Contains((parent.TraceId, parent.Id))));

        // Of a context that came with a record; one that began at ingest has none before it.
        IEnumerable<(string, string, CollectedSpan)> Batches()
        {
            yield return ($"poll {topics.Activity.Name}", KafkaServices.Evaluator, activity);
            yield return ($"commit {topics.Activity.Name}", KafkaServices.Evaluator, activity);
        }
    }

    /// <summary>Throughput, lag, errors and latency, each of the service that knows it.</summary>
    private static Task ExpectMetricsAsync(Collector collector, PipelineSettings settings, CancellationToken cancellation)
    {
        (string Service, string Metric)[] expected =
        [
            (KafkaServices.EventIngest, "cohort.ingest.records_read"),
            (KafkaServices.EventIngest, "cohort.ingest.dead_letters"),
            (KafkaServices.EventIngest, "messaging.process.duration"),
            (KafkaServices.EventIngest, "messaging.client.operation.duration"),
            (KafkaServices.EventIngest, "messaging.client.consumed.messages"),
            (KafkaServices.EventIngest, "messaging.client.sent.messages"),
            (KafkaServices.EventIngest, "cohort.ingest.watermark_age"),
            (KafkaServices.Evaluator, "cohort.evaluator.records"),
            (KafkaServices.Evaluator, "cohort.evaluator.watermark_age"),
            (KafkaServices.Evaluator, "cohort.evaluator.event_to_delta"),
            (KafkaServices.Evaluator, "cohort.deltas"),
            (KafkaServices.Evaluator, "cohort.lane.commits"),
            (KafkaServices.KinesisSink, "cohort.sink.accepted"),
            (KafkaServices.KinesisSink, "cohort.sink.event_to_delivered"),
            (KafkaServices.KinesisSink, "cohort.kinesis.put_records.duration"),
            (KafkaServices.S3Sink, "cohort.s3.syncs"),
            (KafkaServices.S3Sink, "cohort.s3.sync.delay"),
            (KafkaServices.ControlService, "cohort.members"),
        ];
        var groups = new PipelineGroups(settings.Topics);
        string[] lagging = [groups.EventIngest, groups.IdentifyIngest, groups.Evaluator, groups.Sink(ShopDestinations.CohortUpdates), groups.Sink(ShopDestinations.ShopEvents), groups.Sink(ShopDestinations.Warehouse)];
        return Eventually.HoldsAsync(
            async token =>
            {
                var points = (await collector.ReadAsync(token)).Points;
                var missing = expected.Where(metric => !points.Any(point => point.Service == metric.Service && point.Metric == metric.Metric && point.Value > 0)).ToList();
                if (missing.Count > 0)
                    return $"no {string.Join(", ", missing)}";
                // How far a reader is behind is told when it is not, too.
                if (!points.Any(point => point is { Service: KafkaServices.EventIngest, Metric: "cohort.ingest.behind" }))
                    return "no cohort.ingest.behind";
                var told = points.Where(point => point is { Service: KafkaServices.ControlService, Metric: "cohort.group.lag" }).Select(point => point.Attributes["group"]).ToHashSet();
                return lagging.FirstOrDefault(group => !told.Contains(group)) is { } silent ? $"no lag of {silent}" : null;
            },
            Deadline,
            cancellation);
    }
}
