using System.Buffers;
using System.Text;
using System.Text.Json;
using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.Sinks;
using CohortPipeline.TestKit.Aws;
using CohortPipeline.TestKit.Aws.Kinesis;
using CohortPipeline.TestKit.Proof;

namespace CohortPipeline.TestKit.Memory;

/// <summary>A sink with a backlog before it, and a destination that takes its requests and never answers, or takes them as fast as they come.</summary>
public static class BackloggedSink
{
    private const string KinesisSink = "kinesis-sink";
    private const string S3Sink = "s3-sink";
    private const string Destination = "backlogged";
    private const string Stream = "deltas";
    private const int FastShards = 4;
    private const string DestinationArgument = $"--Sink:Destination={Destination}";
    private const int RowNoteBytes = 200;

    private const long Start = 1_772_323_200_000;

    /// <summary>So many looks in a row that show the same mean that nothing moves any more.</summary>
    private const int LooksThatSettle = 40;

    private static readonly IReadOnlyDictionary<string, string> StaticKeys = new Dictionary<string, string>
    {
        ["AWS_ACCESS_KEY_ID"] = "key",
        ["AWS_SECRET_ACCESS_KEY"] = "secret",
        ["AWS_EC2_METADATA_DISABLED"] = "true",
    };

    private static readonly HttpClient Http = new();

    /// <summary>The peak of a kinesis-sink behind whose stream nobody answers.</summary>
    public static async Task<MemoryPeak> OfStillStreamAsync(string servers, MemoryAllowance allowance, int deltas, int noteBytes, TimeSpan deadline, CancellationToken cancellation)
    {
        await using var gate = await RequestGate.StartAsync(new("http://127.0.0.1:1"));
        var held = gate.Hold("POST", "/");
        return await OfStreamAsync(servers, allowance, deltas, noteBytes, "stands still", gate.Address, StaticKeys, service => StandsStillAsync(held, service, deadline, cancellation), cancellation);
    }

    /// <summary>The peak of a kinesis-sink whose stream takes all that it sends.</summary>
    public static async Task<MemoryPeak> OfFastStreamAsync(string servers, MemoryAllowance allowance, int deltas, int noteBytes, TimeSpan deadline, CancellationToken cancellation)
    {
        await using var kinesis = await LocalKinesis.StartAsync(new() { Rate = null });
        kinesis.Server.CreateStream(Stream, FastShards);
        return await OfStreamAsync(servers, allowance, deltas, noteBytes, "takes all", kinesis.Address, kinesis.Environment, service => Eventually.HoldsAsync(
            _ => Task.FromResult(kinesis.Server.StoredRecords(Stream) >= deltas ? null : $"{kinesis.Server.StoredRecords(Stream)} of {deltas} are stored:\n{service.Process.Output}"),
            deadline,
            cancellation), cancellation);
    }

    /// <summary>The peak of an s3-sink behind whose bucket nobody answers: each of the cohorts has as many members.</summary>
    public static async Task<MemoryPeak> OfStillBucketAsync(string servers, MemoryAllowance allowance, int cohorts, int members, TimeSpan deadline, CancellationToken cancellation)
    {
        await using var scene = await ServiceScene.CreateAsync(servers, cancellation);
        await using var gate = await RequestGate.StartAsync(new("http://127.0.0.1:1"));
        var held = gate.Hold("PUT", "");
        Define(scene, $"""
            id: {Destination}
            sink: s3
            cohorts: ["*"]
            bucket: members
            region: {MotoServer.Region}
            endpoint: {gate.Address}
            path: members
            user_properties: [plan, city]
            cadence: real_time
            sync_interval: 5s
            """);
        scene.Write(scene.Topics.CohortDefinitions, cohorts, (writer, topic, number) =>
            writer.Append(topic, 0, Cohort(number), new CohortDefinitionRow(Encoding.UTF8.GetString(Cohort(number)), 1, "{}"u8.ToArray()).Encode()));
        var value = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(value, JsonText.WriterOptions);
        var properties = Properties(RowNoteBytes);
        scene.Write(scene.Topics.Memberships, cohorts * members, (writer, topic, number) => AppendRow(writer, topic, Cohort(number % cohorts), number / cohorts, properties, value, json));
        var peak = await scene.PeakAsync(S3Sink, [.. allowance.PipelineArguments, DestinationArgument], service => StandsStillAsync(held, service, deadline, cancellation), cancellation, StaticKeys);
        return new($"{cohorts:N0} cohorts of {members:N0} members, the bucket stands still", S3Sink, peak, allowance.Bucket);
    }

    private static async Task<MemoryPeak> OfStreamAsync(
        string servers,
        MemoryAllowance allowance,
        int deltas,
        int noteBytes,
        string what,
        Uri stream,
        IReadOnlyDictionary<string, string> keys,
        Func<RunningService, Task> isThere,
        CancellationToken cancellation)
    {
        await using var scene = await ServiceScene.CreateAsync(servers, cancellation);
        Define(scene, $"""
            id: {Destination}
            sink: kinesis
            format: amplitude-cohort
            cohorts: ["*"]
            stream: {Stream}
            region: {MotoServer.Region}
            endpoint: {stream}
            identifier_field: user_id
            shard_records_per_second: 1000000000
            shard_bytes_per_second: 1000000000
            """);
        var value = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(value, JsonText.WriterOptions);
        var properties = Properties(noteBytes);
        scene.Write(scene.Topics.MembershipDeltas, deltas, (writer, topic, number) => AppendDelta(writer, topic, number, properties, value, json));
        OldDestination.Begin(scene.Log, scene.Topics, Destination);
        var peak = await scene.PeakAsync(KinesisSink, [.. allowance.SinkArguments, DestinationArgument], isThere, cancellation, keys);
        return new($"{deltas:N0} deltas of {value.WrittenCount:N0} B, the stream {what}", KinesisSink, peak, allowance.Stream);
    }

    /// <summary>What a customer exports, with a text of this length.</summary>
    private static byte[] Properties(int noteBytes) => Encoding.UTF8.GetBytes($$"""{"plan":"pro","city":"berlin","note":"{{new string('n', noteBytes)}}"}""");

    private static byte[] Cohort(int number) => Encoding.UTF8.GetBytes($"cohort-{number}");

    private static void Define(ServiceScene scene, string yaml)
    {
        var reading = DestinationText.Read(yaml);
        if (!reading.IsValid)
            throw new InvalidOperationException(string.Join("; ", reading.Errors));
        scene.Write(scene.Topics.Destinations, 1, (writer, topic, _) => writer.Append(topic, 0, Encoding.UTF8.GetBytes(Destination), DestinationCodec.Encode(reading.Destinations[0])));
    }

    private static void AppendDelta(ILogWriter writer, OutputTopic topic, int number, byte[] properties, ArrayBufferWriter<byte> value, Utf8JsonWriter json)
    {
        var userId = Encoding.UTF8.GetBytes($"user-{number:D8}");
        byte[] key = [.. "u:"u8, .. userId];
        Span<byte> id = stackalloc byte[DeltaId.Length];
        DeltaId.Write(key, "all"u8, version: 1, Start, id);
        value.ResetWrittenCount();
        json.Reset();
        DeltaWriter.Write(json, new()
        {
            Id = id,
            CohortId = "all"u8,
            CohortName = "All"u8,
            DefinitionVersion = 1,
            UserId = userId,
            At = Start,
            EnteredAt = Start,
            ComputedAt = Start / 1000,
            FirstSeenAt = Start,
            Version = 1,
            Part = 1,
            Parts = 1,
            Properties = properties,
            SourcePartition = -1,
        });
        json.Flush();
        writer.Append(topic, topic.PartitionOf(key), key, value.WrittenSpan);
    }

    private static void AppendRow(ILogWriter writer, OutputTopic topic, byte[] cohort, int member, byte[] properties, ArrayBufferWriter<byte> value, Utf8JsonWriter json)
    {
        var userId = Encoding.UTF8.GetBytes($"user-{member:D8}");
        value.ResetWrittenCount();
        json.Reset();
        MembershipWriter.Write(json, new()
        {
            In = true,
            EnteredAt = Start,
            At = Start,
            Version = 1,
            ComputedAt = Start / 1000,
            FirstSeenAt = Start,
            UserId = userId,
            Properties = properties,
        });
        json.Flush();
        writer.Append(topic, topic.PartitionOf(cohort), (byte[])[.. cohort, (byte)'/', .. "u:"u8, .. userId], value.WrittenSpan);
    }

    /// <summary>A request is held, and the sink takes nothing more in.</summary>
    private static async Task StandsStillAsync(RequestGate.HeldRequests held, RunningService service, TimeSpan deadline, CancellationToken cancellation)
    {
        await held.Arrived.WaitAsync(deadline, cancellation);
        var last = "";
        var looks = 0;
        await Eventually.HoldsAsync(
            async token =>
            {
                var metrics = await Http.GetStringAsync(new Uri($"http://127.0.0.1:{service.Port}/metrics"), token);
                var received = metrics.Split('\n').FirstOrDefault(line => line.StartsWith("cohort_sink_received", StringComparison.Ordinal)) ?? "";
                looks = received.Length > 0 && received.Split(' ')[1] == last ? looks + 1 : 0;
                last = received.Length > 0 ? received.Split(' ')[1] : "";
                return looks >= LooksThatSettle ? null : $"the sink goes on taking records in, {received}:\n{service.Process.Output}";
            },
            deadline,
            cancellation);
    }
}
