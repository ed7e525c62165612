using System.Buffers;
using CohortPipeline.Log;

namespace CohortPipeline.Ingest;

/// <summary>The records of one transaction, kept until it stands so that an aborted one can be written again.</summary>
internal sealed class PublishTransaction(ILogWriter writer, OutputTopic topic)
{
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly List<(int KeyLength, int ValueLength, long Timestamp)> _records = [];
    private readonly RecordHeaders _beside = new();
    private long _firstLine;
    private long _lastLine;

    public int Count => _records.Count;

    public int Bytes => _bytes.WrittenCount;

    public long Published { get; private set; }

    public long? Earliest { get; private set; }

    public long? Latest { get; private set; }

    public void Add(FileLine line)
    {
        if (_records.Count == 0)
            _firstLine = line.Number;
        _lastLine = line.Number;
        _bytes.Write(line.Key.Span);
        _bytes.Write(line.Value.Span);
        _records.Add((line.Key.Length, line.Value.Length, line.Timestamp));
        Earliest = Math.Min(Earliest ?? line.Timestamp, line.Timestamp);
        Latest = Math.Max(Latest ?? line.Timestamp, line.Timestamp);
    }

    /// <exception cref="LogException">It does not stand, or nobody can say.</exception>
    public void Commit(int attemptsMax)
    {
        if (_records.Count == 0)
            return;
        for (var attempt = 1; ; attempt++)
        {
            AppendAll();
            switch (writer.Commit(null, []))
            {
                case CommitOutcome.Committed:
                    Published += _records.Count;
                    _records.Clear();
                    _bytes.ResetWrittenCount();
                    return;
                case CommitOutcome.Aborted when attempt < attemptsMax:
                    break;
                case CommitOutcome.Aborted:
                    throw new LogException($"lines {_firstLine} to {_lastLine} could not be published to {topic.Name} in {attemptsMax} attempts; {Published} records before them are");
                case CommitOutcome.Fenced:
                    throw new LogException($"another publisher has taken over {writer.TransactionalId}; {Published} records are published, lines {_firstLine} to {_lastLine} are not");
                default:
                    throw new LogException($"nobody can say whether lines {_firstLine} to {_lastLine} are published to {topic.Name}; {Published} records before them are");
            }
        }
    }

    private void AppendAll()
    {
        var bytes = _bytes.WrittenSpan;
        foreach (var (keyLength, valueLength, timestamp) in _records)
        {
            var key = bytes[..keyLength];
            _beside.Timestamp = timestamp;
            writer.Append(topic, topic.PartitionOf(key), key, bytes.Slice(keyLength, valueLength), _beside);
            bytes = bytes[(keyLength + valueLength)..];
        }
    }
}
