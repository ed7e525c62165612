using CohortPipeline.Kinesis.Local;
using Xunit;
using static CohortPipeline.Tests.Unit.LocalKinesis.StreamSamples;

namespace CohortPipeline.Tests.Unit.LocalKinesis;

public sealed class ReadingTests
{
    private const string Only = "shardId-000000000000";
    private readonly DataStream _stream = Stream(1);

    [Fact]
    public void Iterators_begin_where_their_type_says()
    {
        var results = Put(_stream, NoFaults.Instance, "a", "b", "c");
        var second = new SequenceNumber(results[1].Number, 0).ToString();
        Assert.Equal(["a", "b", "c"], ReadFrom("TRIM_HORIZON", null));
        Assert.Equal(["b", "c"], ReadFrom("AT_SEQUENCE_NUMBER", second));
        Assert.Equal(["c"], ReadFrom("AFTER_SEQUENCE_NUMBER", second));
        Assert.Empty(ReadFrom("LATEST", null));

        var latest = Iterator("LATEST", null);
        Put(_stream, NoFaults.Instance, "d");
        Assert.Equal(["d"], Keys(_stream, Only, latest.Number));
    }

    [Theory]
    [InlineData("TRIM_HORIZON", true)]
    [InlineData("LATEST", true)]
    [InlineData("AT_SEQUENCE_NUMBER", false)]
    [InlineData("AFTER_SEQUENCE_NUMBER", false)]
    [InlineData("SOMEWHERE", false)]
    public void A_sequence_number_goes_with_its_types_alone(string type, bool withNumber) =>
        Assert.Equal("InvalidArgumentException", Refusal(() => Iterator(type, withNumber ? new SequenceNumber(2, 0).ToString() : null)).Type);

    [Fact]
    public void A_sequence_number_of_another_shard_is_refused() =>
        Assert.Equal(
            "Invalid StartingSequenceNumber. It encodes shardId-000000000001, while it was used in a call to a shard with shardId-000000000000",
            Refusal(() => Iterator("AT_SEQUENCE_NUMBER", new SequenceNumber(2, 1).ToString())).Message);

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("not/an/iterator")]
    public void An_iterator_that_nobody_gave_out_is_refused(string text) =>
        Assert.Equal(new("InvalidArgumentException", "Invalid ShardIterator."), Refusal(() => ShardIterator.Parse(text, Now)));

    [Fact]
    public void An_iterator_lives_for_five_minutes()
    {
        var text = Iterator("TRIM_HORIZON", null).ToString();
        Assert.Equal(Name, ShardIterator.Parse(text, Now + 300_000).Stream);
        Assert.Equal("ExpiredIteratorException", Refusal(() => ShardIterator.Parse(text, Now + 300_001)).Type);
    }

    [Fact]
    public void A_page_ends_at_its_records_or_its_bytes_and_has_one_record_at_the_least()
    {
        Put(_stream, NoFaults.Instance, "a", "b", "c");
        var shard = _stream.Find(Only)!;
        Assert.Equal(2, _stream.Read(shard, 0, 2, int.MaxValue).Records.Count);
        Assert.Equal(2, _stream.Read(shard, 0, 10, 4).Records.Count);
        Assert.Equal(2, _stream.Read(shard, 0, 10, 5).Records.Count);
        Assert.Single(_stream.Read(shard, 0, 10, 1).Records);
        Assert.False(_stream.Read(shard, 0, 2, int.MaxValue).IsAtEnd);
        Assert.True(_stream.Read(shard, 0, 3, int.MaxValue).IsAtEnd);
    }

    [Fact]
    public void A_closed_shard_names_its_children_once_it_is_read_to_its_end()
    {
        Put(_stream, NoFaults.Instance, "a", "b");
        var shard = _stream.Find(Only)!;
        Assert.Null(_stream.Read(shard, 0, 10, int.MaxValue).Children);
        _stream.Split(Only, 1_000, Now);
        Assert.Null(_stream.Read(shard, 0, 1, int.MaxValue).Children);
        Assert.Equal(["shardId-000000000001", "shardId-000000000002"], _stream.Read(shard, 0, 10, int.MaxValue).Children!.Select(child => child.Id));
        _stream.Merge("shardId-000000000001", "shardId-000000000002", Now);
        Assert.Equal("shardId-000000000003", Assert.Single(_stream.Read(_stream.Find("shardId-000000000002")!, 0, 10, int.MaxValue).Children!).Id);
    }

    [Fact]
    public void A_shard_forgets_its_oldest_records_for_new_ones()
    {
        var stream = Stream(1, shardBytesMax: 10_000);
        for (var i = 0; i < 9_000; i++)
            Put(stream, NoFaults.Instance, $"{i:d4}");
        Assert.Equal(Enumerable.Range(7_000, 2_000).Select(i => $"{i:d4}"), Keys(stream, Only));
        Assert.Equal(9_000, stream.Stored);
    }

    [Fact]
    public void Sequence_numbers_have_56_digits_and_tell_number_and_shard()
    {
        var sequence = new SequenceNumber(123_456, 7);
        Assert.Equal("49000000000000000000000000000000000000123456000000000007", sequence.ToString());
        Span<byte> text = stackalloc byte[SequenceNumber.Length];
        sequence.Format(text);
        Assert.Equal(sequence.ToString(), System.Text.Encoding.ASCII.GetString(text));
        Assert.True(SequenceNumber.TryParse(sequence.ToString(), out var parsed));
        Assert.Equal(sequence, parsed);
        Assert.False(SequenceNumber.TryParse("49", out _));
        Assert.False(SequenceNumber.TryParse(sequence.ToString().Replace('7', 'x'), out _));
    }

    private ShardIterator Iterator(string type, string? sequence) => ShardIterator.Of(_stream, _stream.Find(Only)!, type, sequence, Now);

    private string[] ReadFrom(string type, string? sequence) => Keys(_stream, Only, Iterator(type, sequence).Number);
}
