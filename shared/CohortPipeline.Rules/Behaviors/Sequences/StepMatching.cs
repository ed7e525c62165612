namespace CohortPipeline.Rules.Behaviors.Sequences;

/// <summary>Gives steps of a sequence different events of one time: a bipartite matching, grown step by step along augmenting paths. Scratch memory, used again.</summary>
internal sealed class StepMatching
{
    private const int Nothing = -1;

    private uint[] _steps = new uint[8];
    private int[] _stepOf = new int[8];
    private int[] _seenIn = new int[8];
    private int _count;
    private int _search;

    /// <param name="group">The steps that each event can stand for, as bits.</param>
    public void Begin(ReadOnlySpan<Int128> group)
    {
        _count = group.Length;
        if (_steps.Length < _count)
        {
            _steps = new uint[_count * 2];
            _stepOf = new int[_count * 2];
            _seenIn = new int[_count * 2];
        }

        for (var i = 0; i < _count; i++)
            (_steps[i], _stepOf[i], _seenIn[i]) = ((uint)group[i], Nothing, 0);
        _search = 0;
    }

    /// <summary>Gives one more step an event, moving others where that helps. False if there is none left for it.</summary>
    public bool TryAdd(int step)
    {
        _search++;
        return TryPlace(step);
    }

    /// <summary>
    /// Whether the steps from <paramref name="from"/> to <paramref name="to"/>, for which there are events, can be given events
    /// so that each one with <paramref name="bit"/> is among these. Enough that these events can be given different steps:
    /// of two matchings there is always one that covers what the first covers on its side and the second on the other.
    /// </summary>
    public bool CanUseAll(uint bit, int from, int to)
    {
        Span<int> eventOf = stackalloc int[to + 1];
        eventOf.Fill(Nothing);
        for (var i = 0; i < _count; i++)
        {
            if ((_steps[i] & bit) != 0 && !TryUse(i, from, to, eventOf, 0, out _))
                return false;
        }

        return true;
    }

    private bool TryPlace(int step)
    {
        for (var i = 0; i < _count; i++)
        {
            if ((_steps[i] & (1u << step)) == 0 || _seenIn[i] == _search)
                continue;
            _seenIn[i] = _search;
            if (_stepOf[i] != Nothing && !TryPlace(_stepOf[i]))
                continue;
            _stepOf[i] = step;
            return true;
        }

        return false;
    }

    private bool TryUse(int @event, int from, int to, Span<int> eventOf, uint tried, out uint triedAfter)
    {
        for (var step = from; step <= to; step++)
        {
            var bit = 1u << step;
            if ((_steps[@event] & bit) == 0 || (tried & bit) != 0)
                continue;
            tried |= bit;
            if (eventOf[step] != Nothing && !TryUse(eventOf[step], from, to, eventOf, tried, out tried))
                continue;
            eventOf[step] = @event;
            triedAfter = tried;
            return true;
        }

        triedAfter = tried;
        return false;
    }
}
