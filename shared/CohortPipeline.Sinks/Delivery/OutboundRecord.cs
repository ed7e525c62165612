using System.Diagnostics;

namespace CohortPipeline.Sinks;

/// <summary>A record for a destination, composed once: a resend has the same bytes. It stands for one or several records of one partition.</summary>
/// <param name="data">The payload.</param>
/// <param name="partitionKey">The destination's partition key.</param>
/// <param name="partitionKeyBytes">Its length in UTF-8.</param>
/// <param name="orderKeys">Everything it must not overtake, each once (<see cref="OrderKey"/>).</param>
/// <param name="progress">The partition it comes from.</param>
/// <param name="sequences">The records it stands for, as <see cref="PartitionProgress.Take"/> numbered them.</param>
public sealed class OutboundRecord(
    ReadOnlyMemory<byte> data,
    string partitionKey,
    int partitionKeyBytes,
    IReadOnlyList<ulong> orderKeys,
    PartitionProgress progress,
    IReadOnlyList<long> sequences)
{
    /// <summary>What the objects around a payload take, for the byte budget.</summary>
    private const int OverheadBytes = 320;

    public ReadOnlyMemory<byte> Data { get; } = data;

    public string PartitionKey { get; } = partitionKey;

    /// <summary>Bytes as the destination counts them: data and key.</summary>
    public int Size { get; } = data.Length + partitionKeyBytes;

    public IReadOnlyList<ulong> OrderKeys { get; } = orderKeys;

    public PartitionProgress Progress { get; } = progress;

    public IReadOnlyList<long> Sequences { get; } = sequences;

    /// <summary>The traces it belongs to; null for none.</summary>
    public IReadOnlyList<ActivityContext>? Traces { get; init; }

    /// <summary>The instant (epoch milliseconds) of the oldest change or event in it: what the time to delivery counts from.</summary>
    public required long HappenedAt { get; init; }

    /// <summary>What it adds to the memory held.</summary>
    internal int HeldBytes => Size + OverheadBytes;

    /// <summary>Its place in the order in which records came; also what its jitter is drawn by.</summary>
    internal long Number { get; set; }

    /// <summary>Lines of <see cref="DeliveryQueue"/> in which something stands before it.</summary>
    internal int WaitsFor { get; set; }

    internal int Attempts { get; set; }

    internal bool IsInFlight { get; set; }

    /// <summary>Its partition has gone: it is not sent any more, and if it is in flight nobody asks for the answer.</summary>
    internal bool IsDropped { get; set; }
}
