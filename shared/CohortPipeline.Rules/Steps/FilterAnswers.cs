using CohortPipeline.Rules.Plans;
using CohortPipeline.Rules.Values;

namespace CohortPipeline.Rules.Steps;

/// <summary>What the filters say of the event at hand, each asked once however many behaviors share it.</summary>
internal sealed class FilterAnswers
{
    private int[] _askedIn = [];
    private bool[] _answers = [];
    private int _event;

    public void Begin(int filterCount)
    {
        if (_askedIn.Length < filterCount)
        {
            Array.Resize(ref _askedIn, filterCount);
            Array.Resize(ref _answers, filterCount);
        }

        _event++;
    }

    public bool Matches(in PlannedStep step, EventValues values)
    {
        if (step.Match.Where.IsEverything)
            return true;
        var filter = step.Filter;
        if (_askedIn[filter] != _event)
        {
            _askedIn[filter] = _event;
            _answers[filter] = step.Match.Where.Matches(values);
        }

        return _answers[filter];
    }
}
