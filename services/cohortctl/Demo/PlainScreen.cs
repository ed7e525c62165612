using System.Globalization;

namespace CohortPipeline.CohortCtl.Demo;

/// <summary>A line every two seconds in which something moved, and the newest deltas under it, where the output is no terminal.</summary>
internal sealed class PlainScreen(TextWriter output, TimeProvider time) : IDemoScreen
{
    private static readonly TimeSpan Refresh = TimeSpan.FromSeconds(2);

    public async Task RunAsync(Func<CancellationToken, Task<DemoState?>> look, CancellationToken cancellation)
    {
        var shown = new HashSet<SeenDelta>();
        var last = "";
        while (await look(cancellation) is { } state)
        {
            var cohorts = string.Join(", ", state.Cohorts.Select(cohort => string.Create(CultureInfo.InvariantCulture, $"{cohort.Id} {cohort.Members} (+{cohort.Enters} -{cohort.Exits})")));
            var line = string.Create(CultureInfo.InvariantCulture, $"{state.Phase}: {state.Published} records, {state.Deltas} deltas, {state.DeadLetters} dead letters, {state.Syncs} CSV syncs | {cohorts}");
            if (line != last)
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{state.Elapsed.TotalSeconds,3:0} s  {line}"));
            last = line;
            foreach (var delta in state.Recent.Where(shown.Add))
                output.WriteLine($"       {delta.At} {(delta.IsEnter ? "enter" : "exit ")} {delta.Cohort} {delta.Who} ({delta.Reason})");
            await Task.Delay(Refresh, time, cancellation);
        }
    }
}
