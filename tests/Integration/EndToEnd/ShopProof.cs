using CohortPipeline.Log;
using CohortPipeline.TestKit.Proof;
using Xunit;

namespace CohortPipeline.Tests.Integration.EndToEnd;

/// <summary>What every run of services on Kafka must have in the end: the same records, the same deltas, and all of them delivered.</summary>
internal static class ShopProof
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    /// <summary>Holds what the log and the destinations have against the oracle, once ingest has stopped and everything is delivered.</summary>
    public static async Task<PipelineProof> HoldsAsync(KafkaServices services, ILog log, PipelineSettings settings, ISinkOutput output, bool mayRepeat, CancellationToken cancellation)
    {
        Assert.Equal(0, await services.StopIngestAsync(cancellation));
        var proof = await PipelineProof.OfAsync(log, settings.Topics, settings.Oracle, cancellation);
        await proof.HoldsAsync(Deadline, cancellation);
        Assert.True(proof.DeltaCount > 0, "nobody moved: the test proves nothing");
        await ShopRun.DeliveredAsync(services.Control, output, ShopDestinations.Streams, cancellation);
        var differences = await new SinkComparison(output, mayRepeat).DifferencesAsync(proof, cancellation);
        Assert.True(differences.Count == 0, string.Join('\n', differences));
        return proof;
    }
}
