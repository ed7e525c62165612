using System.Text;
using CohortPipeline.Log;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.Kinesis;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Aws.Kinesis;
using Xunit;
using static CohortPipeline.Tests.Integration.Kinesis.SenderFixtures;

namespace CohortPipeline.Tests.Integration.Kinesis;

/// <summary>
/// Goal: what the service takes to the byte the sink makes, and what is a byte or a record more it never makes. Method: the
/// server refuses at exactly the limits (cross-checked against others' servers beside this); then records of random sizes around the limits go
/// through the sink's own composer and queue, and every request through its client. <c>SEED=n CASES=1</c> repeats what failed.
/// </summary>
public sealed class LimitProofTests : IAsyncLifetime
{
    private const int MiB = 1024 * 1024;
    private const int RequestRecordsMax = 500;
    private const int RequestBytesMax = 5 * MiB;
    private const string Stream = "limits";

    private LocalKinesis _kinesis = null!;
    private KinesisSender _sender = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _kinesis = await LocalKinesis.StartAsync(new() { Rate = null });
        _kinesis.Server.CreateStream(Stream, 1);
        _sender = new(Client(_kinesis.Address, _kinesis.Credentials), Destination(Stream, _kinesis.Address), null);
    }

    public async ValueTask DisposeAsync()
    {
        await _sender.DisposeAsync();
        await _kinesis.DisposeAsync();
    }

    public static TheoryData<string, int, int, int, bool> Edges => new()
    {
        { "k", 1, 1, RequestRecordsMax, true },
        { "k", 1, 1, RequestRecordsMax + 1, false },
        { "k", 1, MiB - 1, 5, true },
        { "k", 1, MiB, 1, false },
        { "k", 1, (MiB / 2) - 1, 10, true },
        { "k", 2, (MiB / 2) - 1, 10, false },
        { "k", 256, 1, 1, true },
        { "k", 257, 1, 1, false },
        { "é", 256, 1, 1, true },
        { "é", 257, 1, 1, false },
        { "😀", 256, 1, 1, true },
        { "😀", 257, 1, 1, false },
        { "é", 256, MiB - 512, 1, true },
        { "é", 256, MiB - 511, 1, false },
    };

    [Theory]
    [MemberData(nameof(Edges))]
    public async Task The_server_takes_what_is_at_the_limit_and_refuses_one_more(string character, int keyCharacters, int dataBytes, int records, bool isTaken)
    {
        var key = string.Concat(Enumerable.Repeat(character, keyCharacters));
        var response = await _sender.SendAsync(Request([.. Enumerable.Repeat((key, new byte[dataBytes]), records)]), Cancellation);
        Assert.Equal(isTaken ? records : 0, response.Entries?.Count(entry => entry.Code is null) ?? 0);
        if (!isTaken)
            Assert.Equal(FailureKind.Refused, response.Kind);
    }

    [Fact]
    public async Task The_sink_fills_requests_to_the_limits_and_never_beyond()
    {
        var (fullest, largest, refused) = (0, 0, 0);
        foreach (var seed in Cases.Seeds(24))
        {
            var random = new Random(seed);
            var queue = new DeliveryQueue(new(RequestRecordsMax, RequestBytesMax, 1, int.MaxValue, int.MaxValue), jitterSeed: 1);
            var progress = new PartitionProgress(new("deltas", 0), new(0, AcceptedAhead.None(0)), CommittedPosition.None, new());
            foreach (var size in Sizes(random))
                Add(queue, progress, size, random);
            var now = 0L;
            while (queue.HeldRecords > 0)
            {
                var request = queue.TryStart(now++) ?? throw new InvalidOperationException($"SEED={seed} CASES=1: {queue.HeldRecords} records wait for nothing");
                var bytes = request.Records.Sum(record => record.Size);
                fullest = Math.Max(fullest, request.Records.Count);
                largest = Math.Max(largest, bytes);
                Assert.True(request.Records.Count <= RequestRecordsMax && bytes <= RequestBytesMax, $"SEED={seed} CASES=1: a request of {request.Records.Count} records and {bytes} bytes");
                var response = await _sender.SendAsync(request, Cancellation);
                refused += response.Entries is null ? 1 : 0;
                Assert.True(refused == 0, $"SEED={seed} CASES=1: {response.Code} {response.Detail}");
                queue.Complete(request, response, now);
            }
        }

        // The edge itself was reached, in both ways.
        Assert.Equal((RequestRecordsMax, RequestBytesMax), (fullest, largest));
    }

    /// <summary>A user id is the key up to 256 bytes; a longer one is a hash of it, so that no key is ever beyond the limit.</summary>
    [Fact]
    public async Task Keys_of_any_length_are_keys_that_the_service_takes()
    {
        foreach (var character in new[] { "k", "é", "😀" })
        {
            for (var count = 1; count <= 300; count++)
            {
                var id = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(character, count)));
                var key = new byte[PartitionKeys.BytesMax];
                var written = PartitionKeys.Write(id, key);
                Assert.Equal(id.Length <= PartitionKeys.BytesMax ? id.Length : 64, written);
                if (count % 16 == 0 || id.Length is > 250 and < 262)
                    Assert.Equal([null], (await _sender.SendAsync(Request((Encoding.UTF8.GetString(key.AsSpan(0, written)), [1])), Cancellation)).Codes());
            }
        }
    }

    /// <summary>Sizes of records, key and data: many small ones, halves and wholes of a mebibyte and what is a byte beside them.</summary>
    private static IEnumerable<int> Sizes(Random random) => random.Next(3) switch
    {
        0 => Enumerable.Range(0, random.Next(900, 1_100)).Select(_ => random.Next(60, 400)),
        1 => Enumerable.Repeat(MiB, 6).Concat(Enumerable.Range(0, 8).Select(_ => (MiB / 2) + random.Next(-1, 2))),
        _ => Enumerable.Range(0, random.Next(40, 120)).Select(_ => random.Next(60, MiB + 1)),
    };

    private static void Add(DeliveryQueue queue, PartitionProgress progress, int size, Random random)
    {
        var key = Encoding.UTF8.GetBytes($"key-{random.Next(1_000_000_000):d9}");
        var record = queue.Rent();
        record.Fill(progress, key, new byte[size - key.Length], happenedAt: 0);
        record.OrderBy(OrderKey.OfPartitionKey(key));
        record.StandFor(progress.Take(progress.Position, writtenAt: 0, now: 0));
        queue.Add(record);
    }
}
