using System.Globalization;

namespace CohortPipeline.Tests.Simulation.World;

/// <summary>What happened in one run, or in many.</summary>
internal sealed record RunCounts
{
    public long Steps { get; set; }

    public long Deltas { get; set; }

    public long Commits { get; set; }

    public long Unavailable { get; set; }

    public long Kills { get; set; }

    public long Sleeps { get; set; }

    public long Ends { get; set; }

    public long Refusals { get; set; }

    public long Rebalances { get; set; }

    public long Expulsions { get; set; }

    public long Takeovers { get; set; }

    public long Compactions { get; set; }

    public long Expiries { get; set; }

    public long Deaths { get; set; }

    public void Add(RunCounts other)
    {
        Steps += other.Steps;
        Deltas += other.Deltas;
        Commits += other.Commits;
        Unavailable += other.Unavailable;
        Kills += other.Kills;
        Sleeps += other.Sleeps;
        Ends += other.Ends;
        Refusals += other.Refusals;
        Rebalances += other.Rebalances;
        Expulsions += other.Expulsions;
        Takeovers += other.Takeovers;
        Compactions += other.Compactions;
        Expiries += other.Expiries;
        Deaths += other.Deaths;
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Steps:N0} steps, {Deltas:N0} deltas, {Commits:N0} commits, {Ends:N0} troubled ends of transactions, {Refusals:N0} refused positions, {Unavailable:N0} unanswered calls, {Kills:N0} kills, {Sleeps:N0} sleeps, {Expulsions:N0} expulsions, {Takeovers:N0} takeovers, {Rebalances:N0} stops and starts, {Compactions:N0} compactions, {Expiries:N0} times expired positions, {Deaths:N0} processes that gave up");
}
