namespace CohortPipeline.Sinks;

public enum CheckOutcome
{
    Passed,

    /// <summary>A sink would not get through, or somebody else would.</summary>
    Failed,

    /// <summary>It says nothing here; the detail says why.</summary>
    Skipped,
}

/// <summary>One thing that was tried: its name, and what came of it.</summary>
public sealed record CheckLine(string Name, CheckOutcome Outcome, string Detail)
{
    public static CheckLine Pass(string name, string detail) => new(name, CheckOutcome.Passed, detail);

    public static CheckLine Fail(string name, string detail) => new(name, CheckOutcome.Failed, detail);

    public static CheckLine Skip(string name, string detail) => new(name, CheckOutcome.Skipped, detail);
}

/// <summary>
/// Tries whether destinations of one kind can be delivered to, with the credentials of the process that it runs in. Control
/// shows it and does not see AWS, so that a host registers the checker of each kind it knows.
/// </summary>
/// <param name="Sink">The word of the field <c>sink</c>.</param>
/// <param name="Check">Tries it; the flag says whether something may be sent.</param>
public sealed record DestinationChecker(string Sink, Func<Destination, bool, CancellationToken, Task<IReadOnlyList<CheckLine>>> Check);
