using System.Diagnostics;

namespace CohortPipeline.TestKit;

/// <summary>Waits for something that happens elsewhere, as long as a deadline allows; the one place where tests look at a clock.</summary>
public static class Eventually
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    /// <summary>Looks again and again until <paramref name="look"/> answers null; at the deadline its last answer is the failure.</summary>
    /// <exception cref="TimeoutException">The deadline passed.</exception>
    public static async Task HoldsAsync(Func<CancellationToken, Task<string?>> look, TimeSpan deadline, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(Interval);
        while (true)
        {
            var missing = await look(cancellation).ConfigureAwait(false);
            if (missing is null)
                return;
            if (watch.Elapsed > deadline)
                throw new TimeoutException($"not within {deadline}: {missing}");
            await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false);
        }
    }

    public static Task HoldsAsync(Func<bool> look, string what, TimeSpan deadline, CancellationToken cancellation) =>
        HoldsAsync(_ => Task.FromResult(look() ? null : what), deadline, cancellation);
}
