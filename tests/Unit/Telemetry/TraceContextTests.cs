using System.Diagnostics;
using System.Text;
using CohortPipeline.Log;
using CohortPipeline.Telemetry;
using CohortPipeline.TestKit;
using Xunit;

namespace CohortPipeline.Tests.Unit.Telemetry;

public sealed class TraceContextTests
{
    private const string Sampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    [Fact]
    public void Reads_what_the_specification_shows()
    {
        Assert.True(Parse(Sampled, "vendor=1", out var context));
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", context.TraceId.ToHexString());
        Assert.Equal("b7ad6b7169203331", context.SpanId.ToHexString());
        Assert.Equal(ActivityTraceFlags.Recorded, context.TraceFlags);
        Assert.Equal("vendor=1", context.TraceState);
        Assert.True(context.IsRemote);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more")]
    [InlineData("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]
    [InlineData("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01")]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c+b7ad6b7169203331-01")]
    public void Refuses_what_the_specification_calls_invalid(string traceParent) =>
        Assert.False(Parse(traceParent, "", out _));

    [Theory]
    [InlineData("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]
    [InlineData("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03-later")]
    public void Accepts_later_versions(string traceParent) => Assert.True(Parse(traceParent, "", out _));

    [Fact]
    public void Writes_what_it_reads()
    {
        Parse(Sampled, "vendor=1", out var context);
        var headers = TraceContext.Add(new(), context);
        Assert.Equal(2, headers.Count);
        Assert.Equal(("traceparent", Sampled), (headers[0].Name, Encoding.UTF8.GetString(headers[0].Value!)));
        Assert.Equal(("tracestate", "vendor=1"), (headers[1].Name, Encoding.UTF8.GetString(headers[1].Value!)));
    }

    [Fact]
    public void Reads_the_last_header_of_a_record()
    {
        var batch = new OneRecord(("traceparent", Sampled), ("traceparent", Sampled.Replace("0af7", "1111", StringComparison.Ordinal)));
        Assert.True(TraceContext.TryRead(batch, 0, out var context));
        Assert.StartsWith("1111", context.TraceId.ToHexString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Reads_a_context_that_is_not_sampled_as_none_and_without_allocating()
    {
        var batch = new OneRecord(("traceparent", Sampled[..^1] + "0"));
        Assert.False(TraceContext.TryRead(batch, 0, out _));
        Assert.Equal(0, Allocations.Least(() => TraceContext.TryRead(batch, 0, out _)));
        Assert.True(TraceContext.IsPresent(batch, 0));
    }

    [Fact]
    public void Copies_every_header_but_those_of_tracing()
    {
        var batch = new OneRecord(("traceparent", Sampled), ("source", "web"), ("baggage", "a=1"), ("empty", null), ("tracestate", "x=1"));
        var copied = new RecordHeaders();
        TraceContext.CopyOtherHeaders(batch, 0, copied);
        Assert.Equal(["source", "empty"], Enumerable.Range(0, copied.Count).Select(index => copied[index].Name));
        Assert.Null(copied[1].Value);
    }

    private static bool Parse(string traceParent, string traceState, out ActivityContext context) =>
        TraceContext.TryParse(Encoding.UTF8.GetBytes(traceParent), Encoding.UTF8.GetBytes(traceState), out context);

    /// <summary>A batch of one record that has nothing but headers.</summary>
    private sealed class OneRecord(params (string Name, string? Value)[] headers) : RecordBatch
    {
        private readonly (byte[] Name, byte[]? Value)[] _headers =
            [.. headers.Select(header => (Encoding.UTF8.GetBytes(header.Name), header.Value is null ? null : Encoding.UTF8.GetBytes(header.Value)))];

        public override ReadOnlySpan<LogRecord> Records => default;

        public override ReadOnlySpan<PartitionSignal> Signals => default;

        public override long TimestampOf(int index) => -1;

        public override int HeaderCountOf(int index) => _headers.Length;

        public override LogHeader HeaderOf(int index, int header) => new(_headers[header].Name, _headers[header].Value, _headers[header].Value is not null);
    }
}
