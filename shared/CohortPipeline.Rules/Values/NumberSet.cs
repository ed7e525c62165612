using System.Collections;
using System.Numerics;

namespace CohortPipeline.Rules.Values;

/// <summary>A set of small numbers, a bit each.</summary>
internal sealed class NumberSet : IEnumerable<int>
{
    private const int WordBits = 64;

    private readonly ulong[] _words;
    private readonly int _end;

    /// <param name="end">More than the largest number.</param>
    public NumberSet(int end, IEnumerable<int> numbers)
    {
        _end = end;
        _words = new ulong[(end + WordBits - 1) / WordBits];
        foreach (var number in numbers)
            _words[number / WordBits] |= 1UL << number;
    }

    public bool IsEmpty => Array.TrueForAll(_words, word => word == 0);

    public bool Contains(int number) => (_words[number / WordBits] >> number & 1) != 0;

    /// <summary>The least that is not below a number; an end if there is none before that.</summary>
    public int NextFrom(int number, int end)
    {
        while (number < end)
        {
            var word = _words[number / WordBits] >> number;
            if (word != 0)
                return Math.Min(number + BitOperations.TrailingZeroCount(word), end);
            number = (number / WordBits + 1) * WordBits;
        }

        return end;
    }

    public IEnumerator<int> GetEnumerator()
    {
        for (var number = NextFrom(0, _end); number < _end; number = NextFrom(number + 1, _end))
            yield return number;
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
