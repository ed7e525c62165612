using CohortPipeline.TestKit.Oracle;
using Xunit;

namespace CohortPipeline.Tests.Unit.Evaluator;

/// <summary>Only our own ingest writes <c>activity</c>. A record that somebody else put there, under a key that is none of a profile, must hurt no lane, nor look like the evaluator's own in its changelog.</summary>
public sealed class ForeignKeysTests
{
    private const long Start = 1_772_323_200_000;
    private const string Buyers = """{"id":"buyers","where":{"did":{"event":"bought","within":"1m"}}}""";

    private readonly EvaluatedActivity _evaluated = new();

    [Fact]
    public async Task Records_under_keys_of_no_profile_go_to_the_dead_letters()
    {
        string[] foreign = ["u", "u:", "x:ada", "\0position", $"u:{new string('a', 513)}"];
        var script = new ActivityScript().Define(("buyers", 1, Buyers));
        foreach (var key in foreign)
            script.Event(key, "bought", Start);
        _evaluated.Run(script.Event($"d:{new string('a', 512)}", "bought", Start).Records);

        Assert.Equal(foreign, (await _evaluated.DumpAsync(_evaluated.Topics.DeadLetters)).Select(letter => letter.Key));
        Assert.Equal("d:aaaa", Assert.Single(await _evaluated.DumpAsync(_evaluated.Topics.MembershipDeltas)).Key![..6]);
    }
}
