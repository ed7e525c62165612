using System.Globalization;
using CohortPipeline.Control;
using CohortPipeline.Sinks;
using Spectre.Console;

namespace CohortPipeline.CohortCtl;

/// <summary>Results as tables.</summary>
internal static class Tables
{
    private const string StartsEmpty = "What a new definition asks of events starts empty: events from before it was applied do not count.";

    public static void Cohorts(IAnsiConsole console, CohortList list)
    {
        var table = New("cohort", "name", "version").AddColumns(Number("members"), Number("enters"), Number("exits"));
        foreach (var cohort in list.Cohorts)
            table.AddRow(Cell(cohort.Id), Cell(cohort.Name), Cell(cohort.Version), Cell(cohort.Members), Cell(cohort.Enters), Cell(cohort.Exits));
        console.Write(table);
    }

    public static void ChangeSet(IAnsiConsole console, CohortChangeSet set)
    {
        foreach (var cohort in set.Cohorts)
            console.MarkupLineInterpolated($"{cohort.Id}: {Word(cohort.Kind)}, version {cohort.Version}");
        if (set.Cohorts.Any(cohort => cohort.Kind is CohortChangeKind.Created or CohortChangeKind.Changed))
            console.WriteLine(StartsEmpty);
    }

    public static void Destinations(IAnsiConsole console, DestinationChangeSet set)
    {
        foreach (var destination in set.Destinations)
        {
            console.MarkupLineInterpolated($"{destination.Id}: {Word(destination.Kind)}{(destination.ExternalId is { } external ? $", external id {external}" : "")}");
            foreach (var cohort in destination.AwaitedCohorts)
                console.MarkupLineInterpolated($"  waits for cohort {cohort}, which does not exist yet");
        }
    }

    public static void Status(IAnsiConsole console, PipelineStatus status)
    {
        console.MarkupLineInterpolated($"log {status.Log}, clock {status.Clock}, prefix `{status.Prefix}`{(status.CountsComplete ? "" : ", still counting members")}");
        var cohorts = New("cohort", "name", "version").AddColumns(Number("members"), Number("enters"), Number("exits"));
        foreach (var cohort in status.Cohorts)
            cohorts.AddRow(Cell(cohort.Id), Cell(cohort.Name), Cell(cohort.Version), Cell(cohort.Members), Cell(cohort.Enters), Cell(cohort.Exits));
        console.Write(cohorts);
        if (status.Cohorts.Count > 0)
            console.WriteLine(StartsEmpty);

        var destinations = New("destination", "sink", "state", "reads").AddColumns(Number("lag"), Number("accepted"));
        foreach (var destination in status.Destinations)
            destinations.AddRow(Cell(destination.Id), Cell(destination.Sink), Cell(StandingOf(destination)), Cell(destination.Lag?.Topic ?? ""), Cell(destination.Lag?.Lag ?? 0), Cell(destination.Records?.Accepted));
        console.Write(destinations);

        var groups = New("group", "reads").AddColumns(Number("end"), Number("committed"), Number("lag"));
        foreach (var group in status.Groups)
            groups.AddRow(Cell(group.Group), Cell(group.Topic), Cell(group.End), Cell(group.Committed), Cell(group.Lag));
        console.Write(groups);
    }

    public static void DestinationStatuses(IAnsiConsole console, DestinationStatusList list)
    {
        var table = New("destination", "sink", "state").AddColumns(Number("delivered"), Number("in flight"), Number("dead letters"), Number("oldest"), Number("lag"))
            .AddColumns("retries", "throttled shards");
        foreach (var destination in list.Destinations)
        {
            table.AddRow(
                Cell(destination.Id),
                Cell(destination.Sink),
                Cell(StandingOf(destination)),
                Cell(destination.Records?.Accepted),
                Cell(destination.Records?.InFlight),
                Cell(destination.Records?.DeadLettered),
                Cell(destination.OldestUnacceptedSeconds is { } seconds ? string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s") : ""),
                Cell(destination.Lag?.Lag),
                Cell(string.Join(", ", (destination.Retries ?? new Dictionary<string, long>()).Select(retry => $"{retry.Key} {retry.Value}"))),
                Cell(string.Join(", ", destination.ThrottledShards ?? [])));
        }

        console.Write(table);
    }

    public static void Check(IAnsiConsole console, DestinationCheck check)
    {
        var table = New(check.Id, "", "");
        foreach (var line in check.Lines)
            table.AddRow(Cell(Word(line.Outcome)), Cell(line.Name), Cell(line.Detail));
        console.Write(table);
    }

    private static string Word(CheckOutcome outcome) => outcome switch
    {
        CheckOutcome.Passed => "pass",
        CheckOutcome.Failed => "FAIL",
        _ => "skip",
    };

    private static string StandingOf(DestinationStatus destination) => SinkReport.Describe(destination.State, destination.Progress, destination.Reason);

    internal static Table New(params string[] columns)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (var column in columns)
            table.AddColumn(column);
        return table;
    }

    internal static TableColumn Number(string name) => new TableColumn(name).RightAligned();

    internal static Text Cell(object? value) => new(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");

    internal static Text Cell(long value) => new(value.ToString("N0", CultureInfo.InvariantCulture));

    private static string Word(CohortChangeKind kind) => kind switch
    {
        CohortChangeKind.Created => "created",
        CohortChangeKind.Changed => "changed",
        CohortChangeKind.Unchanged => "unchanged",
        _ => "deleted",
    };

    private static string Word(DestinationChangeKind kind) => kind switch
    {
        DestinationChangeKind.Created => "added",
        DestinationChangeKind.Changed => "changed",
        DestinationChangeKind.Unchanged => "unchanged",
        _ => "deleted",
    };
}
