using CohortPipeline.Log;
using CohortPipeline.TestKit.SimulatedKafka.Partitions;
using CohortPipeline.TestKit.SimulatedKafka.Transactions;

namespace CohortPipeline.TestKit.SimulatedKafka.Clients;

/// <summary>
/// A transactional writer as that on Kafka is: what is appended waits in the client for its way to the broker, a commit sends
/// positions and then ends the transaction, and of each request it is only known what was answered.
/// </summary>
internal sealed class SimulatedWriter(SimulatedLog client, TransactionalProducer producer, string transactionalId, int epoch) : ILogWriter
{
    private readonly List<(SimulatedPartition Partition, SimulatedRecord Record)> _staged = [];
    private string? _endReason;
    private bool _isFenced;
    private long _begun;

    public string TransactionalId => transactionalId;

    public bool InTransaction { get; private set; }

    /// <summary>The coordinator may have ended the transaction: then this writer looks fenced, and is none.</summary>
    private bool HasOutlivedItsTimeout => InTransaction && client.Clock.GetElapsedTime(_begun) >= TransactionalProducer.Timeout;

    public OutputTopic Topic(string name)
    {
        ThrowIfEnded();
        client.Call(LogCall.Topic);
        return new SimulatedTopic(name, client.Broker.PartitionsOfTopic(name));
    }

    public void Append(OutputTopic topic, int partition, Bytes key, Bytes value, RecordHeaders? headers = null)
    {
        ThrowIfEnded();
        ArgumentOutOfRangeException.ThrowIfNegative(partition);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(partition, topic.PartitionCount);
        client.Call(LogCall.Append);
        Begin();
        _staged.Add((((SimulatedTopic)topic).Partitions[partition], Copy(key, value, headers)));
        if (client.Broker.Fates.FlushesNow())
            Flush();
        if (!_isFenced || HasOutlivedItsTimeout)
            return;
        End("another writer has this id");
        throw Fenced();
    }

    public CommitOutcome Commit(ILogReader? reader, IReadOnlyList<CommittedPosition> positions)
    {
        ThrowIfEnded();
        if (!InTransaction && positions.Count == 0)
            throw new InvalidOperationException("an empty commit passes even where this writer is fenced: it says nothing");
        client.Call(LogCall.Commit);
        Begin();
        Flush();
        if (_isFenced)
            return EndFenced();
        if (positions.Count > 0 && !SendPositions((SimulatedReader)reader!, positions))
            return _isFenced ? EndFenced() : Abort();
        return EndTransaction(isCommit: true);
    }

    public CommitOutcome Abort()
    {
        ThrowIfEnded();
        if (!InTransaction)
            return CommitOutcome.Aborted;
        client.Call(LogCall.Abort);
        _staged.Clear();
        return _isFenced ? EndFenced() : EndTransaction(isCommit: false);
    }

    public void Dispose()
    {
        if (!client.IsDead && InTransaction && _endReason is null && !_isFenced)
            producer.End(epoch, isCommit: false);
        _endReason ??= "it was disposed of";
    }

    private void Begin()
    {
        if (InTransaction)
            return;
        InTransaction = true;
        _begun = client.Clock.GetTimestamp();
    }

    private bool IsFenced() => _isFenced |= producer.Epoch != epoch;

    /// <summary>Brings what was appended to the broker.</summary>
    private void Flush()
    {
        if (_staged.Count == 0 || IsFenced() || BeginAtBroker() is not { } transaction)
            return;
        foreach (var (partition, record) in _staged)
        {
            transaction.Join(partition);
            partition.Append(record, transaction);
        }

        _staged.Clear();
    }

    /// <summary>The broker's transaction; it waits while that of before gets its markers. Null: fenced.</summary>
    private Transaction? BeginAtBroker()
    {
        Transaction? transaction = null;
        client.WaitUntil(() => IsFenced() || (transaction = producer.Begin()) is not null, $"the markers of the last transaction of {transactionalId}");
        return transaction;
    }

    private bool SendPositions(SimulatedReader reader, IReadOnlyList<CommittedPosition> positions)
    {
        if (!client.Broker.Fates.TakesPositions(client) || IsFenced())
            return false;
        if (reader.Member is { } member && client.Broker.Fates.HearsOfGeneration())
            reader.Group.Hear(member);
        // First the transaction hears of the group, which may have to wait; whether the group takes the positions is asked then.
        if (BeginAtBroker() is not { } transaction || !reader.Group.Takes(reader.Member, positions))
            return false;
        reader.Group.Pend(transaction, positions);
        return true;
    }

    private CommitOutcome EndTransaction(bool isCommit)
    {
        var fate = client.Broker.Fates.OfEnd(client, isCommit);
        if (fate == RequestFate.Refused && isCommit)
            return Abort();
        if (fate is RequestFate.Answered or RequestFate.AnswerLost or RequestFate.Refused)
        {
            if (!Decide(isCommit))
                return EndFenced();
        }
        else if (fate == RequestFate.Late)
        {
            client.Broker.Schedule(client.Broker.Fates.Lateness(), () => Decide(isCommit));
        }

        if (fate is RequestFate.Answered or RequestFate.Refused)
        {
            Clear();
            return isCommit ? CommitOutcome.Committed : CommitOutcome.Aborted;
        }

        client.Wait(client.Broker.Fates.Patience());
        return End("nobody answered");
    }

    private bool Decide(bool isCommit)
    {
        if (!producer.End(epoch, isCommit))
        {
            _isFenced = true;
            return false;
        }

        return true;
    }

    private CommitOutcome EndFenced()
    {
        var isUnknown = HasOutlivedItsTimeout;
        End("another writer has this id");
        return isUnknown ? CommitOutcome.Unknown : CommitOutcome.Fenced;
    }

    private CommitOutcome End(string reason)
    {
        _endReason = reason;
        Clear();
        return CommitOutcome.Unknown;
    }

    private void Clear()
    {
        InTransaction = false;
        _staged.Clear();
    }

    private SimulatedRecord Copy(Bytes key, Bytes value, RecordHeaders? headers)
    {
        (string, byte[]?)[] copied = headers is null ? [] : [.. Enumerable.Range(0, headers.Count).Select(i => headers[i])];
        return new(
            key.IsNull ? null : key.Span.ToArray(),
            value.IsNull ? null : value.Span.ToArray(),
            copied,
            headers?.Timestamp ?? client.Clock.GetUtcNow().ToUnixTimeMilliseconds());
    }

    private FencedException Fenced() => new($"{transactionalId}: {_endReason}");

    private void ThrowIfEnded()
    {
        if (_endReason is not null)
            throw Fenced();
    }

    private sealed class SimulatedTopic(string name, SimulatedPartition[] partitions) : OutputTopic(name, partitions.Length)
    {
        public SimulatedPartition[] Partitions { get; } = partitions;
    }
}
