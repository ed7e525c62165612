using CohortPipeline.Contracts;
using CohortPipeline.Rules.Definitions;
using CohortPipeline.Rules.Plans;
using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Steps;
using CohortPipeline.TestKit;
using Xunit;

namespace CohortPipeline.Tests.Unit.Rules.Steps;

/// <summary>A lane's step allocates nothing once its scratch memory has grown.</summary>
public sealed class StepperAllocationTests
{
    private const int Rounds = 200;

    private const string Definitions = """
        id: viewers
        export_properties: [city]
        where: { did: { event: view, where: { products.category: [shoes, bags], price: { at_least: 5 }, $platform: web, products: { has: { category: { starts_with: BA, matches: '^b.*s$', ignore_case: true, not_contains: x } } } }, count: { at_least: 2 }, within: 1h } }
        ---
        id: pro
        where: { all: [ { property: { name: plan, is: pro } }, { not: { did: { event: '*', count: { more_than: 5 }, within: 1d } } } ] }
        """;

    [Fact]
    public void An_event_and_its_timers_allocate_nothing()
    {
        var plan = CohortPlan.Empty.Apply([.. DefinitionParser.Parse(Definitions, "f.yaml").Definitions.Select(definition => new CohortChange(definition.Id, 1, definition))]);
        var (stepper, profile, transition) = (new Stepper(), new Profile(), new Transition());
        var changes = 0;
        Assert.Equal(0, Allocations.Least(() =>
        {
            changes = 0;
            for (var round = 0; round < Rounds; round++)
                changes += PlayOne(plan, stepper, profile, transition);
        }));
        Assert.Equal(Rounds * 3, changes);
    }

    /// <summary>One profile, from nothing: as a lane reads each profile into the same working object.</summary>
    private static int PlayOne(CohortPlan plan, Stepper stepper, Profile profile, Transition transition)
    {
        var start = PartitionScript.Instant("2026-03-01T10:00:00Z");
        var changes = 0;
        profile.Reset();
        for (var i = 0; i < 3; i++)
        {
            var record = new ActivityRecord
            {
                Type = ActivityType.Event,
                Event = "view"u8,
                Timestamp = start + i,
                UserId = "ada"u8,
                DeviceId = "d"u8,
                InsertId = i == 0 ? "a"u8 : "b"u8,
                Properties = """{"products":[{"category":"hats"},{"category":"b\u0061gs"}],"price":"7.50"}"""u8,
                Context = """{"platform":"web"}"""u8,
                UserProperties = i == 2 ? """{"$set":{"city":"Ulm","plan":"pro"},"$add":{"n":1.5}}"""u8 : """{"$set":{"plan":"pro"}}"""u8,
            };
            stepper.Apply(plan, profile, record, start + i, transition);
            changes += transition.Changes.Count;
        }

        while (stepper.TryFire(plan, profile, start + (48L * 3_600_000), transition))
            changes += transition.Changes.Count;
        return changes;
    }
}
