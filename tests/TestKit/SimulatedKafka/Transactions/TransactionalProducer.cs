namespace CohortPipeline.TestKit.SimulatedKafka.Transactions;

/// <summary>
/// What the coordinator knows of one transactional id. An epoch serves all transactions of one opening, as with a client
/// without KIP-890: a request that ends a transaction names no transaction, and one that comes late ends the next.
/// </summary>
internal sealed class TransactionalProducer(string id, Broker broker)
{
    /// <summary>How long a transaction may be open before the coordinator ends it: what <c>transaction.timeout.ms</c> is set to.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    public int Epoch { get; private set; }

    public Transaction? Current { get; private set; }

    /// <summary>A new opening fences the older one and ends what that left open.</summary>
    public int Open()
    {
        Epoch++;
        if (Current is { IsDecided: false } open)
            open.Decide(isCommitted: false, broker);
        return Epoch;
    }

    /// <summary>The open transaction, begun if there is none; null while the markers of the one before are still written.</summary>
    public Transaction? Begin()
    {
        if (Current is { IsDecided: false })
            return Current;
        if (Current is { IsOver: false })
            return null;
        var begun = new Transaction(id);
        broker.Schedule(Timeout, () => TimeOut(begun));
        return Current = begun;
    }

    /// <summary>Decides the open transaction, whichever that is; false: the epoch is another one's by now.</summary>
    public bool End(int epoch, bool isCommit)
    {
        if (epoch != Epoch)
            return false;
        if (Current is { IsDecided: false } open)
            open.Decide(isCommit, broker);
        return true;
    }

    private void TimeOut(Transaction transaction)
    {
        if (transaction.IsDecided)
            return;
        Epoch++;
        transaction.Decide(isCommitted: false, broker);
    }
}
