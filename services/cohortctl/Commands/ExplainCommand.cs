using System.CommandLine;
using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Rules.Explain;
using Spectre.Console;

namespace CohortPipeline.CohortCtl;

internal static class ExplainCommand
{
    /// <summary>An explanation, and what made the membership what it is; <paramref name="LastDelta"/> is null before the first.</summary>
    private sealed record Explained(string Cohort, string Profile, string At, bool HasRecords, bool IsIn, string? NextFlip, LastDelta? LastDelta, ExplainedClause Where);

    private sealed record LastDelta(string Change, string Reason, string At);

    public static Command Create()
    {
        var cohort = new Argument<string>("cohort") { Description = "Id of the cohort" };
        var user = new Option<string?>("--user") { Description = "The profile's user id" };
        var device = new Option<string?>("--device") { Description = "Its device id, for a profile without a user" };
        var files = BacktestFiles.Options();
        var at = new Option<string?>("--at") { Description = "The instant: records after it do not count; a date is UTC (default: after the last record)" };
        var command = new Command("explain", "Shows on a file of records why a profile is in a cohort or not, clause by clause, and when time alone would change it") { cohort, user, device, files.Cohorts, files.Input, files.Map, at };
        command.Runs((parsed, report, _) =>
        {
            byte[] key = (parsed.GetValue(user), parsed.GetValue(device)) switch
            {
                ({ } id, null) => [.. ProfileKey.UserPrefix, .. Encoding.UTF8.GetBytes(id)],
                (null, { } id) => [.. ProfileKey.DevicePrefix, .. Encoding.UTF8.GetBytes(id)],
                _ => throw new InputFileException("found no profile, expected one of --user and --device."),
            };
            report.Show(Explain(parsed.GetValue(cohort)!, key, files.Read(parsed), BacktestFiles.InstantOf("--at", parsed.GetValue(at))), Show);
            return Task.FromResult(ExitCodes.Done);
        });
        return command;
    }

    private static Explained Explain(string cohort, byte[] key, BacktestFiles files, long? at)
    {
        LastDelta? last = null;
        var deltas = new DeltaReader();
        using var run = files.Start(value =>
        {
            if (deltas.TryRead(value, out var delta, out _) && delta.CohortId.SequenceEqual(Encoding.UTF8.GetBytes(cohort)) && ProfileKey.IdOf(key).SequenceEqual(ProfileKey.IsUser(key) ? delta.UserId : delta.DeviceId))
                last = new(delta.Change == MembershipChange.Enter ? "enter" : "exit", Encoding.UTF8.GetString(DeltaReasons.Name(delta.Reason)), Instant.ToRfc3339(delta.At));
        });
        run.AppliesUpTo = at ?? long.MaxValue;
        files.ReadAll(run, []);
        if (at is { } instant)
            run.AdvanceTo(instant);
        var explanation = run.Explain(key, cohort, at ?? run.LastTimestamp)
            ?? throw new InputFileException($"found no cohort `{cohort}` in the definitions, expected one of them.");
        return new(
            cohort,
            Encoding.UTF8.GetString(key),
            Instant.ToRfc3339(explanation.At),
            explanation.Exists,
            explanation.Holds,
            explanation.NextFlip is { } flip ? Instant.ToRfc3339(flip) : null,
            last,
            explanation.Where);
    }

    private static void Show(IAnsiConsole console, Explained explained)
    {
        console.MarkupLineInterpolated($"{explained.Profile} is {(explained.IsIn ? "in" : "not in")} {explained.Cohort} at {explained.At}{(explained.NextFlip is { } flip ? $"; time alone changes that at {flip}" : "")}");
        if (!explained.HasRecords)
            console.MarkupLine("no record of it was applied by then: only who has one is in any cohort");
        if (explained.LastDelta is { } last)
            console.MarkupLineInterpolated($"last delta: {last.Change} at {last.At}, reason {last.Reason}");
        var tree = new Tree(new Text(TextOf(explained.Where)));
        Add(tree, explained.Where);
        console.Write(tree);
    }

    private static void Add(IHasTreeNodes node, ExplainedClause clause)
    {
        foreach (var part in clause.Parts)
            Add(node.AddNode(new Text(TextOf(part))), part);
    }

    private static string TextOf(ExplainedClause clause)
    {
        var found = clause.Actual.Length == 0 ? "" : $": {clause.Actual}, wanted {clause.Required}";
        var flips = clause.NextFlip is { } instant ? $" (until {Instant.ToRfc3339(instant)})" : "";
        return $"{(clause.Holds ? "PASS" : "FAIL")} {clause.Clause}{found}{flips}";
    }
}
