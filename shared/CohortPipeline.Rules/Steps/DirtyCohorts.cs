namespace CohortPipeline.Rules.Steps;

/// <summary>The cohorts that a step may have flipped, each once, by their place in the plan.</summary>
internal sealed class DirtyCohorts
{
    private int[] _marks = [];
    private int[] _places = new int[16];
    private int _mark;
    private int _count;

    public void Begin(int cohortCount)
    {
        if (_marks.Length < cohortCount)
            Array.Resize(ref _marks, cohortCount);
        _count = 0;
        _mark++;
    }

    public void Add(ReadOnlySpan<int> places)
    {
        foreach (var place in places)
        {
            if (_marks[place] == _mark)
                continue;
            _marks[place] = _mark;
            if (_count == _places.Length)
                Array.Resize(ref _places, _count * 2);
            _places[_count++] = place;
        }
    }

    /// <summary>In the order of the plan, which is that of the cohorts' ids.</summary>
    public ReadOnlySpan<int> InOrder()
    {
        var places = _places.AsSpan(0, _count);
        places.Sort();
        return places;
    }
}
