using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.TestKit.Aws.Kinesis;
using CohortPipeline.TestKit.Workload;
using Xunit;

namespace CohortPipeline.Tests.Integration.Kinesis;

/// <summary>Deltas that a sink has to bring to a stream, and what their receiver must have then.</summary>
internal sealed class SentDeltas
{
    private static readonly string[] Cohorts = ["buyers", "lookers"];

    private readonly List<SampleDelta> _deltas = [];

    public int Count => _deltas.Count;

    /// <summary>The next change of every user, of the cohorts by turns.</summary>
    public static IEnumerable<SampleDelta> Changes(int users, int version) => Enumerable.Range(0, users).Select(user => new SampleDelta(
        $"user{user}", version, Cohorts[version % Cohorts.Length], (version - 1) / Cohorts.Length % 2 == 0 ? MembershipChange.Enter : MembershipChange.Exit));

    /// <summary>More of them.</summary>
    public void Add(ILogWriter writer, PipelineTopics topics, IReadOnlyList<SampleDelta> deltas)
    {
        Append(writer, topics, deltas);
        _deltas.AddRange(deltas);
    }

    public void AssertReceived(CohortReceiver receiver)
    {
        Assert.Empty(receiver.Contradictions);
        Assert.Equal(
            _deltas.Select(delta => (delta.Cohort, delta.User, delta.ComputedAt)).Order(),
            receiver.Changes.Select(change => (change.Cohort, change.User, change.ComputedTime)).Order());
        foreach (var cohort in Cohorts)
            Assert.Equal(Members(cohort), receiver.Members(cohort).Order(StringComparer.Ordinal));
    }

    private static void Append(ILogWriter writer, PipelineTopics topics, IReadOnlyList<SampleDelta> deltas)
    {
        var topic = writer.Topic(topics.MembershipDeltas.Name);
        foreach (var delta in deltas)
            delta.AppendTo(writer, topic);
        Assert.Equal(CommitOutcome.Committed, writer.Commit(null, []));
    }

    private IEnumerable<string> Members(string cohort) => _deltas
        .Where(delta => delta.Cohort == cohort)
        .GroupBy(delta => delta.User)
        .Where(user => user.MaxBy(delta => delta.Version)!.Change == MembershipChange.Enter)
        .Select(user => user.Key)
        .Order(StringComparer.Ordinal);
}
