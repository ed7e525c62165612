using System.Text.Json;

namespace CohortPipeline.Kinesis.Local;

/// <summary>The calls beside the puts: <c>Kinesis_20131202.</c> and the name of a method here.</summary>
internal sealed class StreamOperations(StreamTable streams, StreamDefaults defaults)
{
    private const int ShardsMax = 10_000;
    private const int ShardPageMax = 1_000;
    private const int RecordPageMax = 10_000;
    private const int RecordPageBytes = 10 * 1024 * 1024;
    private const int RetentionHours = 24;
    private const int BytesPerKiB = 1024;

    /// <summary>Carries out a call; an operation without an answer writes nothing.</summary>
    /// <param name="now">Milliseconds since the epoch.</param>
    public void Run(string operation, JsonElement body, Utf8JsonWriter answer, long now)
    {
        if (body.ValueKind != JsonValueKind.Object)
            throw KinesisError.Serialization("Start of structure or map expected.").Thrown();
        var call = new Call(body);
        Action<Call, Utf8JsonWriter, long> run = operation switch
        {
            nameof(CreateStream) => CreateStream,
            nameof(DescribeStreamSummary) => DescribeStreamSummary,
            nameof(ListShards) => ListShards,
            nameof(GetShardIterator) => GetShardIterator,
            nameof(GetRecords) => GetRecords,
            nameof(SplitShard) => SplitShard,
            nameof(MergeShards) => MergeShards,
            _ => throw KinesisError.UnknownOperation.Thrown(),
        };
        run(call, answer, now);
    }

    private void CreateStream(Call call, Utf8JsonWriter answer, long now)
    {
        var name = call.RequiredText("StreamName");
        var shards = call.Number("ShardCount", 1, ShardsMax) ?? throw Call.MustNotBeNull("ShardCount");
        var recordKiB = call.Number("MaxRecordSizeInKiB", PutLimits.OrdinaryRecordBytes / BytesPerKiB, PutLimits.LargeRecordBytes / BytesPerKiB);
        var settings = new StreamSettings(recordKiB * BytesPerKiB ?? PutLimits.OrdinaryRecordBytes, defaults.Rate, defaults.ShardBytesMax);
        streams.Create(name, shards, settings, now);
    }

    private void DescribeStreamSummary(Call call, Utf8JsonWriter answer, long now)
    {
        var stream = StreamOf(call);
        answer.WriteStartObject();
        answer.WriteStartObject("StreamDescriptionSummary");
        answer.WriteString("StreamName", stream.Name);
        answer.WriteString("StreamARN", stream.Arn);
        answer.WriteString("StreamStatus", "ACTIVE");
        answer.WriteStartObject("StreamModeDetails");
        answer.WriteString("StreamMode", "PROVISIONED");
        answer.WriteEndObject();
        answer.WriteNumber("RetentionPeriodHours", RetentionHours);
        WriteInstant(answer, "StreamCreationTimestamp", stream.CreatedAt);
        answer.WriteStartArray("EnhancedMonitoring");
        answer.WriteEndArray();
        answer.WriteString("EncryptionType", "NONE");
        answer.WriteNumber("OpenShardCount", stream.Shards.Count(shard => shard.IsOpen));
        answer.WriteNumber("ConsumerCount", 0);
        answer.WriteNumber("MaxRecordSizeInKiB", stream.RecordBytesMax / BytesPerKiB);
        answer.WriteEndObject();
        answer.WriteEndObject();
    }

    /// <summary>A token names the stream and the last shard that was listed.</summary>
    private void ListShards(Call call, Utf8JsonWriter answer, long now)
    {
        var token = call.Text("NextToken")?.Split('/');
        if (token is not (null or { Length: 2 }))
            throw KinesisError.InvalidArgument("The specified NextToken is invalid.").Thrown();
        if (token is not null && call.Text("StreamName") is not null)
            throw KinesisError.InvalidArgument("NextToken and StreamName cannot be provided together.").Thrown();
        var stream = token is null ? StreamOf(call) : streams.Get(token[0], null);
        var after = token?[1] ?? call.Text("ExclusiveStartShardId") ?? "";
        var count = call.Number("MaxResults", 1, ShardsMax) ?? ShardPageMax;
        var rest = stream.Shards.Where(shard => string.CompareOrdinal(shard.Id, after) > 0).ToList();
        answer.WriteStartObject();
        answer.WriteStartArray("Shards");
        foreach (var shard in rest.Take(count))
            WriteShard(answer, shard);
        answer.WriteEndArray();
        if (rest.Count > count)
            answer.WriteString("NextToken", $"{stream.Name}/{rest[count - 1].Id}");
        answer.WriteEndObject();
    }

    private void GetShardIterator(Call call, Utf8JsonWriter answer, long now)
    {
        var stream = StreamOf(call);
        var shardId = call.RequiredText("ShardId");
        var shard = stream.Find(shardId) ?? throw KinesisError.NoShard(shardId, stream.Name).Thrown();
        var iterator = ShardIterator.Of(stream, shard, call.RequiredText("ShardIteratorType"), call.Text("StartingSequenceNumber"), now);
        answer.WriteStartObject();
        answer.WriteString("ShardIterator", iterator.ToString());
        answer.WriteEndObject();
    }

    private void GetRecords(Call call, Utf8JsonWriter answer, long now)
    {
        var iterator = ShardIterator.Parse(call.RequiredText("ShardIterator"), now);
        var count = call.Number("Limit", 1, RecordPageMax) ?? RecordPageMax;
        var stream = streams.Get(iterator.Stream, null);
        var shardId = Shard.IdOf(iterator.Shard);
        var shard = stream.Find(shardId) ?? throw KinesisError.NoShard(shardId, stream.Name).Thrown();
        var page = stream.Read(shard, iterator.Number, count, RecordPageBytes);
        answer.WriteStartObject();
        answer.WriteStartArray("Records");
        foreach (var record in page.Records)
            WriteRecord(answer, record, shard);
        answer.WriteEndArray();
        if (page.Children is null)
            answer.WriteString("NextShardIterator", (iterator with { Number = page.Next, CreatedAt = now }).ToString());
        else
            WriteChildren(answer, page.Children);
        var behind = page.IsAtEnd || page.NewestArrival is null ? 0 : Math.Max(0, page.NewestArrival.Value - page.Records[^1].ArrivedAt);
        answer.WriteNumber("MillisBehindLatest", behind);
        answer.WriteEndObject();
    }

    private void SplitShard(Call call, Utf8JsonWriter answer, long now) =>
        StreamOf(call).Split(call.RequiredText("ShardToSplit"), call.RequiredHashKey("NewStartingHashKey"), now);

    private void MergeShards(Call call, Utf8JsonWriter answer, long now) =>
        StreamOf(call).Merge(call.RequiredText("ShardToMerge"), call.RequiredText("AdjacentShardToMerge"), now);

    private DataStream StreamOf(Call call) => streams.Get(call.Text("StreamName"), call.Text("StreamARN"));

    private static void WriteShard(Utf8JsonWriter answer, Shard shard)
    {
        answer.WriteStartObject();
        answer.WriteString("ShardId", shard.Id);
        if (shard.Parent is { } parent)
            answer.WriteString("ParentShardId", parent.Id);
        if (shard.AdjacentParent is { } adjacent)
            answer.WriteString("AdjacentParentShardId", adjacent.Id);
        WriteRange(answer, shard.Range);
        answer.WriteStartObject("SequenceNumberRange");
        answer.WriteString("StartingSequenceNumber", shard.Opened.ToString());
        if (shard.Closed is { } closed)
            answer.WriteString("EndingSequenceNumber", closed.ToString());
        answer.WriteEndObject();
        answer.WriteEndObject();
    }

    private static void WriteRange(Utf8JsonWriter answer, HashRange range)
    {
        answer.WriteStartObject("HashKeyRange");
        answer.WriteString("StartingHashKey", range.First.ToString());
        answer.WriteString("EndingHashKey", range.Last.ToString());
        answer.WriteEndObject();
    }

    private static void WriteRecord(Utf8JsonWriter answer, in StoredRecord record, Shard shard)
    {
        answer.WriteStartObject();
        answer.WriteString("SequenceNumber", new SequenceNumber(record.Number, shard.Index).ToString());
        WriteInstant(answer, "ApproximateArrivalTimestamp", record.ArrivedAt);
        answer.WriteBase64String("Data", record.Data);
        answer.WriteString("PartitionKey", record.Key);
        answer.WriteEndObject();
    }

    private static void WriteChildren(Utf8JsonWriter answer, IReadOnlyList<Shard> children)
    {
        answer.WriteStartArray("ChildShards");
        foreach (var child in children)
        {
            answer.WriteStartObject();
            answer.WriteString("ShardId", child.Id);
            answer.WriteStartArray("ParentShards");
            answer.WriteStringValue(child.Parent!.Id);
            if (child.AdjacentParent is { } adjacent)
                answer.WriteStringValue(adjacent.Id);
            answer.WriteEndArray();
            WriteRange(answer, child.Range);
            answer.WriteEndObject();
        }

        answer.WriteEndArray();
    }

    /// <summary>Seconds since the epoch, with a fraction.</summary>
    private static void WriteInstant(Utf8JsonWriter answer, string name, long milliseconds) => answer.WriteNumber(name, milliseconds / 1000m);
}

/// <summary>What every new stream gets.</summary>
internal sealed record StreamDefaults(ShardRate? Rate, long ShardBytesMax);
