using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace CohortPipeline.Kinesis.Local;

/// <summary>Where a reader stands in a shard, as the text that it carries about.</summary>
/// <param name="Number">Of the next record.</param>
/// <param name="CreatedAt">Milliseconds since the epoch.</param>
internal readonly record struct ShardIterator(string Stream, int Shard, long Number, long CreatedAt)
{
    private const long LifetimeMilliseconds = 300_000;

    public override string ToString() =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Stream}/{Shard}/{Number}/{CreatedAt}")));

    public static ShardIterator Parse(string text, long now)
    {
        if (!Base64Url.IsValid(text))
            throw Invalid();
        var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split('/');
        if (parts.Length != 4
            || !int.TryParse(parts[1], CultureInfo.InvariantCulture, out var shard)
            || !long.TryParse(parts[2], CultureInfo.InvariantCulture, out var number)
            || !long.TryParse(parts[3], CultureInfo.InvariantCulture, out var createdAt))
        {
            throw Invalid();
        }

        return now - createdAt <= LifetimeMilliseconds
            ? new(parts[0], shard, number, createdAt)
            : throw new KinesisError(
                "ExpiredIteratorException",
                $"Iterator expired. The iterator was created at time {At(createdAt)} while right now it is {At(now)} which is further in the future than the tolerated delay of {LifetimeMilliseconds} milliseconds.").Thrown();
    }

    /// <summary>Where an iterator of this type begins.</summary>
    /// <param name="type">As <c>TRIM_HORIZON</c>.</param>
    /// <param name="sequence">With the two types that need one.</param>
    public static ShardIterator Of(DataStream stream, Shard shard, string type, string? sequence, long now)
    {
        var number = (type, sequence) switch
        {
            ("TRIM_HORIZON", null) => shard.Opened.Number,
            ("LATEST", null) => stream.NextNumber,
            ("AT_SEQUENCE_NUMBER", not null) => NumberOf(stream, shard, sequence),
            ("AFTER_SEQUENCE_NUMBER", not null) => NumberOf(stream, shard, sequence) + 1,
            _ => throw KinesisError.InvalidArgument(
                $"Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or (2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified {type} and {(sequence is null ? "no" : "also a")} StartingSequenceNumber.").Thrown(),
        };
        return new(stream.Name, shard.Index, number, now);
    }

    private static long NumberOf(DataStream stream, Shard shard, string text)
    {
        if (!SequenceNumber.TryParse(text, out var sequence))
        {
            throw KinesisError.InvalidArgument(
                $"StartingSequenceNumber {text} used in GetShardIterator on shard {shard.Id} in stream {stream.Name} under account {KinesisError.Account} is invalid.").Thrown();
        }

        return sequence.Shard == shard.Index
            ? sequence.Number
            : throw KinesisError.InvalidArgument($"Invalid StartingSequenceNumber. It encodes {Local.Shard.IdOf(sequence.Shard)}, while it was used in a call to a shard with {shard.Id}").Thrown();
    }

    private static KinesisErrorException Invalid() => KinesisError.InvalidArgument("Invalid ShardIterator.").Thrown();

    private static string At(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).ToString("ddd MMM dd HH:mm:ss 'UTC' yyyy", CultureInfo.InvariantCulture);
}
