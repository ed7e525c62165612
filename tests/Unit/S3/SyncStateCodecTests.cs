using System.Text;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.S3.Plans;
using Xunit;

namespace CohortPipeline.Tests.Unit.S3;

public sealed class SyncStateCodecTests
{
    private static readonly CohortSyncState State = new(
        Passed: 3_600_000,
        new(Boundary: 3_600_000, End: 10, StateEnd: 12, StateAt: 3_600_001, Members: 7),
        new(Boundary: 7_200_000, End: 20, PlannedAt: 7_200_001, CohortVersion: 3, new()
        {
            Path = "exports",
            ProjectId = 42,
            RoutingKey = "crm",
            MatchProperty = "email",
            UserProperties = ["plan"],
            Existing = ExistingMembers.Stayed,
            Formulas = FormulaHandling.Prefix,
        }));

    /// <summary>What lies in a topic outlives this version of the program.</summary>
    [Fact]
    public void A_plan_has_these_bytes() => Assert.Equal(
        """{"v":1,"state":{"passed":3600000,"last":{"boundary":3600000,"end":10,"state_end":12,"state_at":3600001,"members":7},"pending":{"boundary":7200000,"end":20,"planned_at":7200001,"cohort_version":3,"layout":{"path":"exports","project_id":42,"routing_key":"crm","suffix":"","match_property":"email","user_properties":["plan"],"existing":"Stayed","formulas":"Prefix"}}}}""",
        Encoding.UTF8.GetString(SyncStateCodec.Encode(State)));

    [Fact]
    public void A_resync_with_dead_letters_has_these_bytes_and_is_read_back()
    {
        var state = new CohortSyncState(1, null, new SyncPlan(1, 2, 3, 4, new()) { Resync = true, RefusedTold = 5 });
        Assert.Equal(
            """{"v":1,"state":{"passed":1,"pending":{"boundary":1,"end":2,"planned_at":3,"cohort_version":4,"layout":{"path":"","project_id":0,"routing_key":"","suffix":"","user_properties":[],"existing":"AtLastSync","formulas":"None"},"resync":true,"refused_told":5}}}""",
            Encoding.UTF8.GetString(SyncStateCodec.Encode(state)));
        Assert.Equivalent(state, SyncStateCodec.Decode(SyncStateCodec.Encode(state)), strict: true);
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        var read = SyncStateCodec.Decode(SyncStateCodec.Encode(State));
        Assert.Equivalent(State, read, strict: true);
        Assert.Equivalent(new CohortSyncState(5, null, null), SyncStateCodec.Decode(SyncStateCodec.Encode(new(5, null, null))), strict: true);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("""{"v":2,"state":{"passed":1}}""")]
    [InlineData("{}")]
    public void Anything_else_is_refused(string text) =>
        Assert.Throws<InvalidDataException>(() => SyncStateCodec.Decode(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void A_key_belongs_to_one_destination_and_names_its_cohort()
    {
        var key = SyncStateCodec.Key("warehouse", "buyers");
        Assert.True(SyncStateCodec.TryCohortOf(key, "warehouse", out var cohort));
        Assert.Equal("buyers", cohort);
        Assert.False(SyncStateCodec.TryCohortOf(key, "ware", out _));
    }
}
