using CohortPipeline.Rules.Values;
using Xunit;

namespace CohortPipeline.Tests.Unit.Rules.Values;

public sealed class NumberSetTests
{
    [Fact]
    public void Holds_what_a_sorted_set_holds()
    {
        for (var seed = 1; seed <= 200; seed++)
        {
            var random = new Random(seed);
            var end = random.Next(1, 300);
            var expected = new SortedSet<int>(Enumerable.Range(0, random.Next(end)).Select(_ => random.Next(end)));
            var numbers = new NumberSet(end, expected);
            Assert.Equal(expected, numbers);
            Assert.Equal(expected.Count == 0, numbers.IsEmpty);
            for (var number = 0; number < end; number++)
            {
                Assert.Equal(expected.Contains(number), numbers.Contains(number));
                var before = random.Next(number, end + 1);
                Assert.Equal(expected.Where(known => known >= number && known < before).DefaultIfEmpty(before).First(), numbers.NextFrom(number, before));
            }
        }
    }
}
