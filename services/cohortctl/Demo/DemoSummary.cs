using System.Globalization;
using CohortPipeline.Control;
using Spectre.Console;

namespace CohortPipeline.CohortCtl.Demo;

/// <summary>What a run of the demo came to, and where it lies.</summary>
internal sealed record DemoSummary(
    double Seconds,
    long Published,
    IReadOnlyList<string> Notes,
    long Deltas,
    IReadOnlyDictionary<string, int> DeadLetters,
    int Syncs,
    IReadOnlyList<CohortStatus> Cohorts,
    IReadOnlyList<DestinationStatus> Destinations,
    int Errors)
{
    public static void Show(IAnsiConsole console, DemoSummary summary)
    {
        console.WriteLine();
        console.WriteLine(Text($"{summary.Published:N0} records became {summary.Deltas:N0} deltas in {summary.Seconds:0} s."));
        foreach (var note in summary.Notes)
            console.WriteLine($"  {note}");
        foreach (var (reason, count) in summary.DeadLetters)
            console.WriteLine($"  {count} dead letters: {reason}");

        var cohorts = Tables.New("cohort", "name").AddColumns(Tables.Number("members"), Tables.Number("enters"), Tables.Number("exits"));
        foreach (var cohort in summary.Cohorts)
            cohorts.AddRow(Tables.Cell(cohort.Id), Tables.Cell(cohort.Name), Tables.Cell(cohort.Members), Tables.Cell(cohort.Enters), Tables.Cell(cohort.Exits));
        console.Write(cohorts);

        console.WriteLine("What lies where:");
        console.WriteLine($"  {DemoFolder.Deltas}  every enter and exit, a line each");
        foreach (var destination in summary.Destinations.Where(destination => destination.Sink == "kinesis"))
            console.WriteLine(Text($"  {DemoFolder.StreamOf(destination.Id)}  what the stream got, {DemoFolder.LinesOf(destination.Id):N0} records"));
        console.WriteLine($"  {DemoFolder.S3}/  {summary.Syncs} syncs of a cohort: entering, exiting and existing members as CSV, with manifests");
        console.WriteLine($"  {DemoFolder.DeadLetters}  records that could not be read, with the reason");
        console.WriteLine($"  {DemoFolder.Journal}  what the services logged{(summary.Errors > 0 ? $", {summary.Errors} errors among it" : "")}");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
