using System.Text;
using CohortPipeline.Log;
using CohortPipeline.TestKit.Oracle;

namespace CohortPipeline.Tests.Simulation.World;

/// <summary>Writes a topic, a few records a transaction; some transactions are given up and done again.</summary>
internal sealed class Feed : IActor
{
    private readonly SimulatedWorld _world;
    private readonly string _topic;
    private readonly Queue<OracleRecord>[] _left;
    private readonly ILogWriter _writer;
    private readonly OutputTopic _output;
    private bool _isBusy;

    /// <summary>Writes what else belongs to a record, in its transaction.</summary>
    public Action<ILogWriter, OracleRecord>? Beside { get; init; }

    public Feed(SimulatedWorld world, string topic, IReadOnlyList<IReadOnlyList<OracleRecord>> partitions)
    {
        _world = world;
        _topic = topic;
        _left = [.. partitions.Select(records => new Queue<OracleRecord>(records))];
        var log = world.Untroubled = world.Broker.Connect("feed");
        _writer = log.OpenWriter("feed");
        _output = _writer.Topic(topic);
    }

    public bool IsEmpty => Array.TrueForAll(_left, records => records.Count == 0);

    /// <summary>The last record of each partition is kept for the calm, so that each has something to commit then, whatever became of its position.</summary>
    public bool HasWrittenAlmostAll => Array.TrueForAll(_left, records => records.Count <= 1);

    public void Step()
    {
        if (_isBusy || IsEmpty)
            return;
        _isBusy = true;
        _world.Act("feed", Append);
        _isBusy = false;
    }

    private void Append()
    {
        var partition = _world.Random.Next(_left.Length);
        var count = Math.Min(_left[partition].Count - (_world.IsCalm ? 0 : 1), _world.Random.Next(1, 16));
        if (count <= 0)
            return;
        var isGivenUp = _world.Random.Next(8) == 0;
        foreach (var record in _left[partition].Take(count))
        {
            _writer.Append(_output, partition, record.Key.Length == 0 ? Bytes.Null : Encoding.UTF8.GetBytes(record.Key), record.Value);
            Beside?.Invoke(_writer, record);
        }

        if (isGivenUp)
        {
            _writer.Abort();
            return;
        }

        for (var i = 0; i < count; i++)
            _left[partition].Dequeue();
        if (_writer.Commit(null, []) is var outcome && outcome != CommitOutcome.Committed)
            throw new InvalidOperationException($"the feed's transaction ended as {outcome}");
        _world.Note($"writes {count} records to {_topic}/{partition}");
    }
}
