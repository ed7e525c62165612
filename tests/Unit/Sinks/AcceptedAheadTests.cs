using CohortPipeline.Log;
using CohortPipeline.Sinks;
using CohortPipeline.TestKit;
using Xunit;

namespace CohortPipeline.Tests.Unit.Sinks;

public sealed class AcceptedAheadTests
{
    private const long Position = 1_000_000_000_000;

    [Fact]
    public void Reads_back_what_it_wrote()
    {
        foreach (var seed in Cases.Seeds(200))
        {
            var random = new Random(seed);
            var bits = new byte[random.Next(AcceptedAhead.SpanMax / 8 + 1)];
            random.NextBytes(bits);
            var offsets = Enumerable.Range(0, bits.Length * 8).Where(bit => (bits[bit / 8] & (1 << (bit % 8))) != 0).Select(bit => Position + bit).ToList();
            var text = AcceptedAhead.Of(Position, bits).ToString();
            Assert.True(AcceptedAhead.TryRead(Position, text, out var ahead));
            Assert.True(ahead.End == (offsets.Count == 0 ? Position : offsets[^1] + 1), $"seed {seed}: the end is {ahead.End}");
            Assert.True(offsets.SequenceEqual(Enumerable.Range(0, AcceptedAhead.SpanMax).Select(bit => Position + bit).Where(ahead.Has)), $"seed {seed}: other offsets");
        }
    }

    [Fact]
    public void The_widest_span_fits_beside_a_committed_position()
    {
        var bits = new byte[AcceptedAhead.SpanMax / 8];
        bits.AsSpan().Fill(255);
        var metadata = new DeliveryMetadata(long.MaxValue, AcceptedAhead.Of(Position, bits)).ToString();
        Assert.InRange(metadata.Length, AcceptedAhead.SpanMax / 6, CommittedPosition.MetadataBytesMax);
        Assert.True(DeliveryMetadata.Of(new("deltas", 0, Position, metadata)).Ahead.Has(Position + AcceptedAhead.SpanMax - 1));
    }

    [Theory]
    [InlineData("")]
    [InlineData("2 17 AQ 0")]
    [InlineData("1 x AQ 0")]
    [InlineData("1 17 not-base64! 0")]
    [InlineData("1 17 AQ x")]
    public void Another_text_is_a_position_with_nothing_beyond_it(string text)
    {
        var metadata = DeliveryMetadata.Of(new("deltas", 0, Position, text));
        Assert.Equal((0, Position), (metadata.At, metadata.Ahead.End));
    }
}
