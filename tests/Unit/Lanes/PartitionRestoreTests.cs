using CohortPipeline.Contracts;
using CohortPipeline.Lanes;
using CohortPipeline.Log;
using CohortPipeline.TestKit.SimulatedKafka;
using Xunit;

namespace CohortPipeline.Tests.Unit.Lanes;

/// <summary>A partition on its way into a lane, step by step: what the group says beside what the state says.</summary>
public sealed class PartitionRestoreTests
{
    private const string Group = "evaluator";

    private static readonly TopicPartition Partition = new("activity", 0);

    private readonly Broker _broker = new(new Fates());
    private readonly ScriptedState _state = new();

    public PartitionRestoreTests() => _broker.Create(new TopicSpec(Partition.Topic, 1, TopicCleanup.Delete));

    [Fact]
    public void The_state_of_the_committed_position_is_handed_over()
    {
        Commit(10, 1);
        _state.Reads.Enqueue(() => (10, 1));
        var restore = Done();

        restore.ThrowFailure();
        Assert.Equal((10, 1, true), (restore.Start, restore.Sequence, _state.IsComplete));
    }

    [Fact]
    public void A_partition_that_nothing_was_ever_committed_for_begins_at_its_first_record()
    {
        _state.Reads.Enqueue(() => (CommittedPosition.None, 0));
        var restore = Done();

        restore.ThrowFailure();
        Assert.Equal((0, 0), (restore.Start, restore.Sequence));
    }

    /// <summary>The position was read before another owner's commit, the changelog after it.</summary>
    [Fact]
    public void A_state_that_another_owner_moved_on_is_the_newer_positions()
    {
        Commit(10, 1);
        _state.Reads.Enqueue(() =>
        {
            Commit(20, 2);
            return (20, 2);
        });
        var restore = Done();

        restore.ThrowFailure();
        Assert.Equal((20, 2), (restore.Start, restore.Sequence));
    }

    [Fact]
    public void Reading_goes_on_while_the_group_moves_on()
    {
        Commit(10, 1);
        _state.Reads.Enqueue(() =>
        {
            Commit(30, 3);
            return (20, 2);
        });
        _state.Reads.Enqueue(() => (30, 3));
        var restore = Done();

        restore.ThrowFailure();
        Assert.Equal((30, 3), (restore.Start, restore.Sequence));
        Assert.Empty(_state.Reads);
    }

    [Theory]
    [InlineData(9, 1)]
    [InlineData(20, 2)]
    [InlineData(CommittedPosition.None, 0)]
    public void A_state_that_is_not_the_positions_stops_the_lane_where_the_group_stands_by_its_answer(long offset, long sequence)
    {
        Commit(10, 1);
        _state.Reads.Enqueue(() => (offset, sequence));
        var restore = Done();

        Assert.Contains("The state is not the positions'", Assert.Throws<InvalidOperationException>(restore.ThrowFailure).Message, StringComparison.Ordinal);
        Assert.False(_state.IsComplete);
    }

    [Fact]
    public void Where_the_group_has_forgotten_its_position_the_state_says_where_to_go_on()
    {
        _state.Reads.Enqueue(() => (20, 7));
        var restore = Done();

        restore.ThrowFailure();
        Assert.Equal((20, 7), (restore.Start, restore.Sequence));
    }

    [Fact]
    public void A_log_that_does_not_answer_is_asked_again_after_a_while()
    {
        Commit(10, 1);
        _state.Reads.Enqueue(() => throw new LogUnavailableException("away"));
        _state.Reads.Enqueue(() => throw new LogUnavailableException("away"));
        _state.Reads.Enqueue(() => (10, 1));
        var restore = New(_state);
        Assert.Equal(TimeSpan.Zero, restore.Step());

        var first = restore.Step();
        Assert.Equal("away", restore.WaitingFor);
        var second = restore.Step();

        Assert.True(first > TimeSpan.Zero && second > TimeSpan.Zero);
        Assert.Equal(TimeSpan.Zero, restore.Step());
        Assert.Null(restore.WaitingFor);
    }

    [Fact]
    public void A_cut_restore_ends_with_its_next_step_whatever_it_was_at()
    {
        Commit(10, 1);
        _state.Reads.Enqueue(() => (9, 1));
        var restore = New(_state);
        Assert.Equal(TimeSpan.Zero, restore.Step());
        restore.Cut();

        Assert.Null(restore.Step());
        Assert.True(restore.IsDone);
        restore.ThrowFailure();
        Assert.Single(_state.Reads);
    }

    [Fact]
    public void Without_state_the_group_alone_says_where_to_begin()
    {
        Commit(10, 4);
        var restore = New(state: null);
        while (restore.Step() is not null)
            Assert.False(restore.IsDone);

        restore.ThrowFailure();
        Assert.Equal((10, 4), (restore.Start, restore.Sequence));
    }

    private PartitionRestore New(IStateRestore? state) => new(_broker.Connect("restoring"), Group, Partition, state, new(1));

    private PartitionRestore Done()
    {
        var restore = New(_state);
        while (restore.Step() is { } wait)
            Assert.Equal(TimeSpan.Zero, wait);
        Assert.True(restore.IsDone);
        return restore;
    }

    private void Commit(long offset, long sequence) => _broker.GroupOf(Group).Commit(
        [new(Partition.Topic, Partition.Partition, offset, new CommitMetadata(sequence, "evaluator.1.0", "other").ToString())]);

    /// <summary>Each reading does what the test says, and ends where the test says.</summary>
    private sealed class ScriptedState : IStateRestore
    {
        public Queue<Func<(long Offset, long Sequence)>> Reads { get; } = new();

        public bool IsComplete { get; private set; }

        public (long Offset, long Sequence) Position { get; private set; } = (CommittedPosition.None, 0);

        public bool Read(ILogReader reader)
        {
            Position = Reads.Dequeue()();
            return true;
        }

        public bool Complete() => IsComplete = true;
    }
}
