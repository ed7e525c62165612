using CohortPipeline.Rules.Values;
using CohortPipeline.TestKit;
using Xunit;

namespace CohortPipeline.Tests.Unit.Rules.Values;

/// <summary>What came first is known by its place, in every round anew, however many numbers there are.</summary>
public sealed class DistinctNumbersTests
{
    private const int CaseCount = 200;
    private const int RoundsPerCase = 10;
    private const int NumbersMax = 300;

    /// <summary>A failure names its seed; <c>SEED=n</c> repeats from that seed on.</summary>
    [Fact]
    public void Each_number_is_new_once_a_round_and_keeps_its_place()
    {
        foreach (var seed in Cases.Seeds(CaseCount))
        {
            var random = new Random(seed);
            var numbers = new DistinctNumbers();
            for (var round = 0; round < RoundsPerCase; round++)
            {
                numbers.Clear();
                var known = new Dictionary<int, int>();
                var below = 1 << random.Next(1, 31);
                for (var i = random.Next(NumbersMax); i > 0; i--)
                {
                    var number = random.Next(below);
                    var isNew = known.TryAdd(number, known.Count);
                    Assert.True(numbers.Add(number, out var place) == isNew && place == known[number], $"SEED={seed}: round {round}, number {number}: place {place}, expected {known[number]}, new: {isNew}");
                    Assert.Equal(known.Count, numbers.Count);
                }
            }
        }
    }
}
