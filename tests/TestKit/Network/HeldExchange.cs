namespace CohortPipeline.TestKit.Network;

/// <summary>Where a request is held: before the broker has it, or when its answer is there and the client has not got that.</summary>
public enum HeldAt
{
    Request,
    Answer,
}

/// <summary>Requests, or answers to them, that a proxy holds until they are let through or dropped.</summary>
public sealed class HeldExchange
{
    private readonly Action<HeldExchange> _end;
    private readonly Func<KafkaRequest, bool> _concerns;
    private readonly HeldAt _at;
    private readonly TaskCompletionSource<KafkaRequest> _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<bool> _decided = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal HeldExchange(Func<KafkaRequest, bool> concerns, HeldAt at, Action<HeldExchange> end)
    {
        _concerns = concerns;
        _at = at;
        _end = end;
    }

    /// <summary>The first one, as soon as it is there.</summary>
    public Task<KafkaRequest> Arrived => _arrived.Task;

    /// <summary>They go on, also where the client has ended by now, and so do those to come.</summary>
    public void LetThrough() => End(goesOn: true);

    /// <summary>They never arrive and their connections break; those to come go on.</summary>
    public void Drop() => End(goesOn: false);

    internal bool Concerns(KafkaRequest request, HeldAt at) => at == _at && _concerns(request);

    /// <summary>Answers whether it goes on.</summary>
    internal Task<bool> WaitAsync(KafkaRequest request, CancellationToken cancellation)
    {
        _arrived.TrySetResult(request);
        return _decided.Task.WaitAsync(cancellation);
    }

    private void End(bool goesOn)
    {
        _end(this);
        _decided.TrySetResult(goesOn);
    }
}
