namespace CohortPipeline.Kinesis.Local;

/// <summary>How a local Kinesis differs from the service; the defaults are the service's own.</summary>
public sealed record KinesisServerOptions
{
    /// <summary>Of 127.0.0.1; 0: any that is free.</summary>
    public int Port { get; init; }

    /// <summary>What requests must be signed for.</summary>
    public string Region { get; init; } = "us-west-2";

    /// <summary>Of every shard; null: any.</summary>
    public ShardRate? Rate { get; init; } = ShardRate.Ordinary;

    /// <summary>A shard forgets its oldest records when it holds more bytes than this: memory is what retention is measured in here.</summary>
    public long ShardBytesMax { get; init; } = 1024 * 1024 * 1024;

    public IPutFaults Faults { get; init; } = NoFaults.Instance;

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
