using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Kinesis.Local;

namespace CohortPipeline.Tests.Unit.LocalKinesis;

/// <summary>Streams and puts that the tests of this folder share.</summary>
internal static class StreamSamples
{
    public const string Name = "samples";

    public const long Now = 1_700_000_000_000;

    public static DataStream Stream(int shards, ShardRate? rate = null, long shardBytesMax = long.MaxValue) =>
        new(Name, $"arn:aws:kinesis:us-west-2:{KinesisError.Account}:stream/{Name}", shards, new(PutLimits.OrdinaryRecordBytes, rate, shardBytesMax), Now);

    public static PutBatch Batch(params (string Key, byte[] Data)[] records)
    {
        var batch = new PutBatch(1 + records.Sum(record => Encoding.UTF8.GetByteCount(record.Key) + record.Data.Length));
        foreach (var (key, data) in records)
        {
            var keyBytes = Encoding.UTF8.GetBytes(key, batch.Free);
            var keyStart = batch.Keep(keyBytes);
            data.CopyTo(batch.Free);
            batch.Entries.Add(new(ShardHash.Of(Encoding.UTF8.GetBytes(key)), keyStart, keyBytes, batch.Keep(data.Length), data.Length));
        }

        return batch;
    }

    /// <summary>Puts records of one byte under these keys.</summary>
    public static PutResult[] Put(DataStream stream, IPutFaults faults, params string[] keys)
    {
        using var batch = Batch([.. keys.Select(key => (key, new byte[] { 1 }))]);
        var results = new PutResult[keys.Length];
        stream.Put(new(1, stream.Name, keys.Length, Now), batch, faults, results);
        return results;
    }

    /// <summary>The keys in a shard from a number on, in order.</summary>
    public static string[] Keys(DataStream stream, string shardId, long from = 0) =>
        [.. stream.Read(stream.Find(shardId)!, from, int.MaxValue, int.MaxValue).Records.Select(record => Encoding.UTF8.GetString(record.Key))];

    /// <summary>What a refused call says.</summary>
    public static KinesisError Refusal(Action call) => Xunit.Assert.Throws<KinesisErrorException>(call).Error;
}
