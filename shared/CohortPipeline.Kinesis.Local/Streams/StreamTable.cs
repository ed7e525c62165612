using System.Collections.Concurrent;

namespace CohortPipeline.Kinesis.Local;

/// <summary>The streams of one account and region.</summary>
internal sealed class StreamTable(string region)
{
    private const int NameCharactersMax = 128;

    private readonly ConcurrentDictionary<string, DataStream> _streams = new(StringComparer.Ordinal);

    public void Create(string name, int shards, StreamSettings settings, long now)
    {
        if (name.Length is 0 or > NameCharactersMax || !name.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '.' or '-'))
            throw KinesisError.Validation("streamName", "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+").Thrown();
        if (!_streams.TryAdd(name, new(name, ArnOf(name), shards, settings, now)))
            throw KinesisError.StreamExists(name).Thrown();
    }

    /// <summary>By name, by ARN, or both.</summary>
    public DataStream Get(string? name, string? arn)
    {
        if (name is null && arn is null)
            throw KinesisError.InvalidArgument("Either StreamName or StreamARN must be provided.").Thrown();
        var ofArn = arn?[(arn.LastIndexOf('/') + 1)..];
        var stream = _streams.GetValueOrDefault(ofArn ?? name!);
        return stream is not null && (arn is null || stream.Arn == arn) && (name is null || stream.Name == name)
            ? stream
            : throw KinesisError.NoStream(ofArn ?? name!).Thrown();
    }

    private string ArnOf(string name) => $"arn:aws:kinesis:{region}:{KinesisError.Account}:stream/{name}";
}
