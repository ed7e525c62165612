using System.Globalization;
using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Log.Embedded;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.S3.Objects;
using CohortPipeline.Sinks.Snapshot;
using CohortPipeline.Sinks.S3.Syncing;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Aws;
using Microsoft.Extensions.Logging.Abstractions;

namespace CohortPipeline.Benchmarks.S3;

/// <summary>What one sync took: reading the members, and publishing them.</summary>
internal sealed record SyncMeasured(Measurement Folded, Measurement Published)
{
    /// <summary>Of plain numbers: whatever wrote more for the process would add to its peak.</summary>
    public string ToLine() => $"{LineOf(Folded)} {LineOf(Published)}";

    public static SyncMeasured Parse(string line)
    {
        var numbers = line.Split(' ').Select(number => long.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        return new(Read(numbers), Read(numbers.AsSpan(4)));
    }

    private static string LineOf(in Measurement measured) => string.Create(CultureInfo.InvariantCulture, $"{measured.Records} {measured.Elapsed.Ticks} {measured.Cpu.Ticks} {measured.AllocatedBytes}");

    private static Measurement Read(ReadOnlySpan<long> numbers) => new(numbers[0], new(numbers[1]), new(numbers[2]), numbers[3]);
}

/// <summary>
/// A process of its own for one first sync, so that its peak of memory is the sync's. It writes what it measured as a line,
/// and ends with the line that it reads then.
/// </summary>
internal static class S3SyncProcess
{
    public const string Verb = "s3-sync";
    public const string Cohort = "buyers";
    public const string Manifest = "0_buyers_2026-03-01T01-00-00_manifest.json";

    private const long Midnight = 1_772_323_200_000;
    private const long Hour = 3_600_000;

    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(5);

    public static async Task<int> RunAsync(string rows, string endpoint, string bucket)
    {
        var folder = Directory.CreateTempSubdirectory("bench-s3-").FullName;
        await using (var embedded = EmbeddedLog.Open(folder, TimeProvider.System))
        {
            var measured = Measure(embedded, long.Parse(rows, CultureInfo.InvariantCulture), folder, DestinationOf(endpoint, bucket));
            Console.Out.WriteLine(measured.ToLine());
            Console.In.ReadLine();
        }

        Directory.Delete(folder, recursive: true);
        return 0;
    }

    private static SyncMeasured Measure(EmbeddedLog embedded, long rows, string folder, S3Destination destination)
    {
        var topics = new PipelineTopics("bench", partitionCount: 1, activityRetention: null);
        Lanes.BenchmarkLogs.Create(embedded, topics.All);
        using (var hand = embedded.OpenWriter("bench.hand"))
        {
            hand.Append(hand.Topic(topics.CohortDefinitions.Name), 0, Encoding.UTF8.GetBytes(Cohort), new CohortDefinitionRow(Cohort, 1, "{}"u8.ToArray()).Encode());
            hand.Commit(null, []);
        }

        var clock = new SteeredClock(Midnight);
        var status = new SinkStatus(destination.Id, S3Destination.SinkName, clock);
        using var snapshots = new SnapshotStore(folder);
        using var runner = new DestinationRunner(
            new(destination, new MembersLog(embedded, topics.Memberships.Name, rows), topics, new ObjectStores(TimeProvider.System, VersityGateway.Credentials), snapshots, status, new(status, clock), clock, () => 1, NullLogger.Instance),
            CancellationToken.None);
        runner.Join();
        var folded = Measurement.Of(rows, () => TurnUntil(runner, () => status.Report.Counts.Received == rows));
        clock.Now += Hour;
        var published = Measurement.Of(rows, () => TurnUntil(runner, () => status.Report.Counts.Accepted == rows));
        return new(folded, published);
    }

    private static void TurnUntil(DestinationRunner runner, Func<bool> isSo)
    {
        while (!isSo())
            runner.Turn(runner.IsPublishing ? Wait : TimeSpan.Zero);
    }

    private static S3Destination DestinationOf(string endpoint, string bucket) => new()
    {
        Id = "warehouse",
        Bucket = bucket,
        Endpoint = DestinationEndpoint.TryParse(endpoint, out var parsed) ? parsed : throw new ArgumentException($"{endpoint} is no endpoint", nameof(endpoint)),
        Region = "us-east-1",
        Cohorts = CohortSelection.Of([Cohort]),
        Cadence = Cadence.Hourly,
        UserProperties = ["plan", "city"],
    };
}
