namespace CohortPipeline.Rules.Steps;

/// <summary>The cohorts that a step may have flipped, each once, taken in the order in which they have to be looked at: what a cohort depends on comes before it.</summary>
internal sealed class DirtyCohorts
{
    private readonly PriorityQueue<int, int> _queue = new();
    /// <summary>Of a cohort, the step in which it was added last.</summary>
    private int[] _marks = [];

    private ReadOnlyMemory<int> _ranks;
    private int _mark;

    /// <param name="ranks">By place in the plan.</param>
    public void Begin(ReadOnlyMemory<int> ranks)
    {
        if (_marks.Length < ranks.Length)
            Array.Resize(ref _marks, ranks.Length);
        _ranks = ranks;
        _queue.Clear();
        if (_mark == int.MaxValue)
        {
            Array.Clear(_marks);
            _mark = 0;
        }

        _mark++;
    }

    /// <param name="places">Of cohorts in the plan.</param>
    public void Add(ReadOnlySpan<int> places)
    {
        foreach (var place in places)
        {
            if (_marks[place] == _mark)
                continue;
            _marks[place] = _mark;
            _queue.Enqueue(place, _ranks.Span[place]);
        }
    }

    public bool TryTake(out int place) => _queue.TryDequeue(out place, out _);
}
