namespace CohortPipeline.Evaluator;

/// <summary>The partitions of a lane by their numbers, which are small: each record asks for its own.</summary>
internal sealed class PartitionTable
{
    private PartitionEvaluator?[] _byNumber = [];

    /// <summary>In the order of their numbers.</summary>
    public PartitionEvaluator[] All { get; private set; } = [];

    /// <exception cref="InvalidOperationException">The partition is not this lane's.</exception>
    public PartitionEvaluator this[int number] =>
        (uint)number < (uint)_byNumber.Length && _byNumber[number] is { } partition ? partition : throw new InvalidOperationException($"partition {number} is not this lane's");

    public void Add(int number, PartitionEvaluator partition)
    {
        if (number >= _byNumber.Length)
            Array.Resize(ref _byNumber, number + 1);
        if (_byNumber[number] is not null)
            throw new InvalidOperationException($"partition {number} is this lane's already");
        Set(number, partition);
    }

    public void Remove(int number)
    {
        if (number < _byNumber.Length)
            Set(number, null);
    }

    private void Set(int number, PartitionEvaluator? partition)
    {
        _byNumber[number] = partition;
        All = [.. _byNumber.OfType<PartitionEvaluator>()];
    }
}
