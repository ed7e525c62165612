using CohortPipeline.Contracts;
using CohortPipeline.Log;
using CohortPipeline.Sinks;
using CohortPipeline.TestKit.Proof;
using CohortPipeline.TestKit.SimulatedKafka;
using CohortPipeline.TestKit.Workload;
using CohortPipeline.Tests.Simulation.Delivery;
using CohortPipeline.Tests.Simulation.World;
using Xunit;

namespace CohortPipeline.Tests.Simulation.Rules;

/// <summary>A commit of dead letters of which nobody knows whether it stands is found out about before anything is written again.</summary>
public sealed class SinkCommitTests
{
    private const int TurnsMax = 500;

    [Theory]
    [InlineData(RequestFate.Late)]
    [InlineData(RequestFate.AnswerLost)]
    [InlineData(RequestFate.Lost)]
    public void A_dead_letter_is_written_once_whatever_becomes_of_its_commit(RequestFate fate)
    {
        var world = new ScriptedWorld();
        var topics = new PipelineTopics("sim", 1, null);
        foreach (var topic in topics.All)
            world.Broker.Create(topic);
        var destination = (KinesisDestination)DestinationText.Read(
            "id: ads\nsink: kinesis\ncohorts: [\"*\"]\nregion: us-west-2\nstream: s\nformat: amplitude-cohort\nidentifier_field: user_id\nrecord_bytes: 1024\n").Destinations[0];
        WriteTooLarge(world, topics);
        OldDestination.Begin(world.Untroubled!, topics, destination.Id);

        // The commit's outcome is unknown, and whoever wants to find out gets no answer at first.
        world.Ends.Enqueue(fate);
        var writers = 0;
        world.AtEachCall = (client, call) =>
        {
            if (client != world.Untroubled && call == LogCall.OpenWriter && ++writers == 2)
                throw new LogUnavailableException("no answer");
        };
        var stream = new SimulatedStream(world, new());
        var life = new ProcessLife(world, new("sink", start => new SinkWork(start, new(world, [destination]), topics, new(), start.Log.Clock, () => new(stream, start.Log, 1, _ => { }))), ordinal: 0, incarnation: 1);
        for (var turn = 0; turn < TurnsMax; turn++)
        {
            world.Pass(TimeSpan.FromMilliseconds(50));
            life.Step();
        }

        Assert.True(writers >= 3, $"{writers} writers were opened: the scene is not the one that is meant");
        Assert.Single(world.Broker.Visible(topics.DeadLetters.Name, 0));
        Assert.Equal(world.Broker.End(new(topics.MembershipDeltas.Name, 0)), world.Broker.Committed(new PipelineGroups(topics).Sink(destination.Id), new(topics.MembershipDeltas.Name, 0)).Offset);
    }

    private static void WriteTooLarge(ScriptedWorld world, PipelineTopics topics)
    {
        var log = world.Untroubled = world.Broker.Connect("feed");
        using var writer = log.OpenWriter("feed");
        new SampleDelta("ada", Version: 1, Properties: $$"""{"note":"{{new string('x', 2_000)}}"}""").AppendTo(writer, writer.Topic(topics.MembershipDeltas.Name));
        Assert.Equal(CommitOutcome.Committed, writer.Commit(null, []));
    }
}
