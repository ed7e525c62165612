using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace CohortPipeline.CohortCtl.Demo;

/// <summary>A table that is drawn again in place four times a second.</summary>
internal sealed class LiveScreen(TimeProvider time) : IDemoScreen
{
    private const int BarWidth = 40;

    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(250);

    public Task RunAsync(Func<CancellationToken, Task<DemoState?>> look, CancellationToken cancellation) =>
        AnsiConsole.Live(new Text("starting …")).StartAsync(async live =>
        {
            while (await look(cancellation) is { } state)
            {
                live.UpdateTarget(Draw(state));
                await Task.Delay(Refresh, time, cancellation);
            }
        });

    private static Rows Draw(DemoState state)
    {
        var done = (int)(Math.Clamp(state.Progress, 0, 1) * BarWidth);
        var head = new Markup(string.Create(
            CultureInfo.InvariantCulture,
            $"[green]{new string('━', done)}[/][grey]{new string('━', BarWidth - done)}[/] {state.Phase.EscapeMarkup()}  {state.Elapsed.TotalSeconds:0} s\n{state.Published:N0} records  {state.Deltas:N0} deltas  {state.DeadLetters:N0} dead letters  {state.Syncs} CSV syncs"));
        var cohorts = Tables.New("cohort", "name").AddColumns(Tables.Number("members"), Tables.Number("enters"), Tables.Number("exits"));
        foreach (var cohort in state.Cohorts)
            cohorts.AddRow(new Text(cohort.Id, Color.Aqua), Tables.Cell(cohort.Name), Tables.Cell(cohort.Members), Tables.Cell(cohort.Enters), Tables.Cell(cohort.Exits));
        List<IRenderable> rows = [head, cohorts];
        rows.AddRange(state.Recent.Select(Line));
        return new(rows);
    }

    private static Markup Line(SeenDelta delta)
    {
        var (sign, color) = delta.IsEnter ? ("+", "green") : ("-", "red");
        return new($"[grey]{delta.At}[/] [{color}]{sign} {delta.Cohort.EscapeMarkup()}[/] {delta.Who.EscapeMarkup()} [grey]{delta.Reason}[/]");
    }
}
