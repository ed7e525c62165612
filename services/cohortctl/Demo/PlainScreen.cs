using System.Globalization;

namespace CohortPipeline.CohortCtl.Demo;

/// <summary>A line every two seconds and the newest deltas under it, where the output is no terminal.</summary>
internal sealed class PlainScreen(TextWriter output, TimeProvider time) : IDemoScreen
{
    private static readonly TimeSpan Refresh = TimeSpan.FromSeconds(2);

    public async Task RunAsync(Func<CancellationToken, Task<DemoState?>> look, CancellationToken cancellation)
    {
        var shown = new HashSet<SeenDelta>();
        while (await look(cancellation) is { } state)
        {
            var cohorts = string.Join(", ", state.Cohorts.Select(cohort => string.Create(CultureInfo.InvariantCulture, $"{cohort.Id} {cohort.Members} (+{cohort.Enters} -{cohort.Exits})")));
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{state.Elapsed.TotalSeconds,3:0} s  {state.Phase}: {state.Published} records, {state.Deltas} deltas, {state.DeadLetters} dead letters, {state.Syncs} CSV syncs | {cohorts}"));
            foreach (var delta in state.Recent.Where(shown.Add))
                output.WriteLine($"       {delta.At} {(delta.IsEnter ? "enter" : "exit ")} {delta.Cohort} {delta.Who} ({delta.Reason})");
            await Task.Delay(Refresh, time, cancellation);
        }
    }
}
