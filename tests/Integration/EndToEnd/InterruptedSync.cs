using System.Text.Json;
using CohortPipeline.Log;
using CohortPipeline.TestKit.Proof;
using Xunit;

namespace CohortPipeline.Tests.Integration.EndToEnd;

/// <summary>
/// A sync in whose middle <c>s3-sink</c> was killed: its plan was committed and its three files stored, its manifest was on
/// the way and never arrived.
/// </summary>
/// <param name="name">Its objects' names up to the time.</param>
/// <param name="files">The files as they were stored before the kill.</param>
internal sealed class InterruptedSync(string name, IReadOnlyDictionary<string, byte[]> files)
{
    private static readonly string[] FileTypes = ["entering", "existing", "exiting"];

    private string Manifest => $"{name}_manifest.json";

    /// <summary>Gives it something to do and kills it there.</summary>
    public static async Task<InterruptedSync> KillAsync(KafkaServices services, ServerOutput output, PipelineSettings settings, ILog log, Action publish, TimeSpan deadline, CancellationToken cancellation)
    {
        var manifests = output.Objects.Hold("PUT", "_manifest.json");
        publish();
        var manifest = Path.GetFileName(await manifests.Arrived.WaitAsync(deadline, cancellation));
        var parts = manifest.Split('_');
        Assert.Equal(parts[2], await PlannedAsync(log, settings, cohort: parts[1], cancellation));
        await services.KillAsync(KafkaServices.S3Sink, cancellation);
        manifests.Drop();

        var objects = await output.ObjectsAsync(cancellation);
        Assert.DoesNotContain(manifest, objects.Keys);
        var name = string.Join('_', parts[..3]);
        return new(name, FileTypes.Select(type => $"{name}_{type}.csv").ToDictionary(file => file, file => objects[file]));
    }

    /// <summary>The one that was started afterwards has repeated the same plan: the manifest is there, and of the files it says what they were.</summary>
    public void WasCompleted(IReadOnlyDictionary<string, byte[]> objects)
    {
        var manifest = JsonSerializer.Deserialize<JsonElement>(objects[Manifest]);
        Assert.Equal(
            files.Select(file => (file.Key, file.Value.Length)).Order(),
            manifest.GetProperty("files").EnumerateArray().Select(file => (Path.GetFileName(file.GetProperty("key").GetString()!), file.GetProperty("bytes").GetInt32())).Order());
    }

    /// <summary>The boundary of the cohort's plan in <c>sink-state</c>, as names have it; null without a plan.</summary>
    private static async Task<string?> PlannedAsync(ILog log, PipelineSettings settings, string cohort, CancellationToken cancellation)
    {
        var states = await LogDump.CompactedAsync(log, settings.Topics.SinkState.Name, cancellation);
        var state = JsonSerializer.Deserialize<JsonElement>(states[$"{ShopDestinations.Warehouse}/{cohort}"].Value).GetProperty("state");
        return state.TryGetProperty("pending", out var plan)
            ? DateTimeOffset.FromUnixTimeMilliseconds(plan.GetProperty("boundary").GetInt64()).ToString("yyyy-MM-dd'T'HH-mm-ss", System.Globalization.CultureInfo.InvariantCulture)
            : null;
    }
}
