using System.Globalization;
using CohortPipeline.Kinesis.Local;
using CohortPipeline.TestKit.Kafka;
using CohortPipeline.TestKit.Memory;
using Xunit;

namespace CohortPipeline.Tests.Integration.Kinesis;

/// <summary>
/// A destination that refuses every call for a while on a real clock, while deltas go on coming: the process of
/// <c>kinesis-sink</c> stays within its memory, and once calls are answered again the stream has everything, in order.
/// </summary>
/// <remarks><c>OUTAGE</c> says for how many seconds it is down, ten at least.</remarks>
public sealed class DownDestinationTests(SharedKafka kafka, ITestOutputHelper output)
{
    private const int SecondsInTests = 20;
    private const int Users = 2_000;
    private const int Looks = 10;

    /// <summary>It catches up as fast as it can.</summary>
    private const string Unpaced = "shard_records_per_second: 1000000000\nshard_bytes_per_second: 1000000000\n";

    /// <summary>What its heap and buffers may still settle by once they are full.</summary>
    private const long SettlingBytes = 16 * MemoryAllowance.MiB;

    private static readonly MemoryAllowance Allowance = MemoryAllowance.Least;
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Memory_stays_flat_and_all_of_it_comes_once_it_is_back()
    {
        var seconds = Environment.GetEnvironmentVariable("OUTAGE") is { Length: > 0 } given ? int.Parse(given, NumberStyles.None, CultureInfo.InvariantCulture) : SecondsInTests;
        Assert.True(seconds >= Looks, $"OUTAGE={seconds}: expected {Looks} seconds or more, as memory is looked at {Looks} times");
        await using var log = await kafka.OpenAsync();
        var faults = new Outage();
        await using var scene = await KinesisSinkScene.CreateAsync(log, await kafka.ServersAsync(), new() { Faults = faults, Rate = null }, Unpaced, Allowance.SinkArguments, Cancellation);
        await scene.StartAsync(0, Cancellation);
        scene.Send([.. SentDeltas.Changes(Users, version: 1)]);
        await scene.StoredAsync(Users, Deadline, Cancellation);

        faults.IsDown = true;
        var peaks = new List<long>();
        using (var second = new PeriodicTimer(TimeSpan.FromSeconds(1)))
        {
            for (var passed = 1; passed <= seconds; passed++)
            {
                scene.Send([.. SentDeltas.Changes(Users, version: 1 + passed)]);
                await second.WaitForNextTickAsync(Cancellation);
                if (passed * Looks / seconds > peaks.Count)
                    peaks.Add(scene.Fleet.ProcessOf(0).PeakBytes);
            }
        }

        faults.IsDown = false;
        var repeats = await scene.ReceiveAsync(Deadline, Cancellation);
        peaks.Add(scene.Fleet.ProcessOf(0).PeakBytes);
        output.WriteLine($"{scene.SentCount} deltas, down for {seconds} s, {faults.Refused} calls refused, {repeats} records came again; peaks in MiB at each tenth and once caught up: {string.Join(' ', peaks.Select(peak => peak / MemoryAllowance.MiB))}");
        Assert.True(faults.Refused > 0, "nothing was refused");
        Assert.True(peaks[^1] <= Allowance.Stream, $"{peaks[^1]} B, at most {Allowance.Stream} B");
        Assert.True(peaks[Looks - 1] - peaks[(Looks / 2) - 1] <= SettlingBytes, $"memory goes on rising while the destination is down: {string.Join(' ', peaks)}");
    }

    private sealed class Outage : IPutFaults
    {
        private int _refused;

        public volatile bool IsDown;

        public int Refused => _refused;

        public CallFate OnCall(in PutCall call)
        {
            if (!IsDown)
                return default;
            Interlocked.Increment(ref _refused);
            return CallFate.Refused(KinesisError.InternalFailure);
        }

        public KinesisError? OnEntry(in PutCall call, int place, ReadOnlySpan<byte> partitionKey, string shardId) => null;
    }
}
