using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace CohortPipeline.Tests.Unit.Rules.Steps;

/// <summary>What holds for every history: the deltas depend on what happened at which instants, and on nothing else.</summary>
public sealed class StepProperties
{
    private const string Definitions = """
        id: twice
        where: { did: { event: [view, buy], count: { at_least: 2 }, within: 1h } }
        ---
        id: exactly
        where: { did: { event: view, count: { exactly: 1 }, within: 30m } }
        ---
        id: lapsed
        where: { all: [ { did: { event: buy } }, { not: { did: { event: '*', within: 20m } } } ] }
        ---
        id: between
        where: { any: [ { did: { event: view, count: { between: [2, 3] }, within: 45m } }, { property: { name: plan, is: pro } } ] }
        """;

    /// <summary>Fired as soon as it is due or with others long after, a timer gives the same.</summary>
    [Property(MaxTest = 100)]
    public Property How_often_the_watermark_moves_is_no_matter() => Prop.ForAll(Histories.ToArbitrary(), history =>
    {
        var once = new PartitionScript(Definitions);
        var often = new PartitionScript(Definitions);
        foreach (var happening in history)
        {
            happening.Play(once);
            for (var minute = happening.Minute - happening.Gap; minute < happening.Minute; minute++)
                often.Watermark(Time(minute));
            happening.Play(often);
        }

        return once.Watermark("2026-03-03T00:00:00Z").Deltas.SequenceEqual(often.Watermark("2026-03-03T00:00:00Z").Deltas);
    });

    /// <summary>For each cohort enter and exit alternate, an enter first, and instants rise.</summary>
    [Property(MaxTest = 100)]
    public Property Enter_and_exit_alternate() => Prop.ForAll(Histories.ToArbitrary(), history =>
    {
        var script = new PartitionScript(Definitions);
        foreach (var happening in history)
            happening.Play(script);
        var deltas = script.Watermark("2026-03-03T00:00:00Z").Deltas.Select(delta => delta.Split(' ')).ToArray();
        return deltas.GroupBy(delta => delta[1]).All(cohort => cohort.Select((delta, place) => delta[0] == (place % 2 == 0 ? "enter" : "exit")).All(isRight => isRight))
            && deltas.Zip(deltas.Skip(1)).All(pair => string.CompareOrdinal(pair.First[2], pair.Second[2]) <= 0);
    });

    /// <summary>A plan that was stored and read back is the same plan; and a profile the same profile, however little of it a step reads.</summary>
    [Property(MaxTest = 100)]
    public Property Restoring_the_plan_at_every_change_set_and_the_profile_at_every_step_is_no_matter() => Prop.ForAll(Histories.ToArbitrary(), history =>
    {
        var stored = new PartitionScript(Definitions) { Restores = true };
        var kept = new PartitionScript(Definitions);
        foreach (var (happening, number) in history.Select((happening, number) => (happening, number)))
        {
            foreach (var script in new[] { stored, kept })
            {
                if (number % 5 == 2)
                    script.Define($"{{id: edited, where: {{did: {{event: view, count: {{at_least: {number % 3}}}, within: {(number % 4) + 1}0m}}}}}}");
                if (number % 7 == 6)
                    script.Delete("edited", "exactly");
                happening.Play(script);
            }
        }

        return stored.Watermark("2026-03-03T00:00:00Z").Deltas.SequenceEqual(kept.Watermark("2026-03-03T00:00:00Z").Deltas)
            && stored.Stored.SequenceEqual(kept.Stored);
    });

    private static Gen<Happening[]> Histories =>
        from steps in Gen.ArrayOf(
            from gap in Gen.Choose(0, 40)
            from late in Gen.Frequency((3, Gen.Constant(0)), (1, Gen.Choose(1, 90)))
            from kind in Gen.Elements("view", "view", "buy", "other", "pro", "free")
            from insertId in Gen.Frequency((3, Gen.Constant(0)), (1, Gen.Choose(1, 3)))
            select new Happening(0, gap, late, kind, insertId))
        select Timed(steps);

    private static Happening[] Timed(Happening[] steps)
    {
        var minute = 0;
        return [.. steps.Select(step => step with { Minute = minute += step.Gap })];
    }

    private static string Time(int minute) => CohortPipeline.Contracts.Instant.ToRfc3339(PartitionScript.Instant("00:00") + (minute * 60_000L));

    private sealed record Happening(int Minute, int Gap, int Late, string Kind, int InsertId)
    {
        public void Play(PartitionScript script)
        {
            if (Kind is "pro" or "free")
                script.Identify(Time(Minute), $$$"""{"$set":{"plan":"{{{Kind}}}"}}""");
            else
                script.Event(Time(Minute), Kind, time: Late == 0 ? null : Time(Minute - Late), insertId: InsertId == 0 ? null : $"i{InsertId}");
        }
    }
}
