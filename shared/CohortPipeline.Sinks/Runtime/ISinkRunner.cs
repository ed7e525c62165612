namespace CohortPipeline.Sinks;

/// <summary>Makes runners for the destinations of one kind.</summary>
public interface ISinkFactory
{
    /// <summary>The kind it serves: the word of the field <c>sink</c>.</summary>
    string Sink { get; }

    /// <summary>Makes the runner of a destination, which must be of this kind. Opens nothing yet.</summary>
    ISinkRunner Create(Destination destination, SinkStatus status);
}

/// <summary>Delivers to one destination, from where its group stands until it is told to stop.</summary>
public interface ISinkRunner
{
    /// <summary>
    /// Runs until <paramref name="stop"/>, then takes nothing in any more, finishes what is in flight within
    /// <see cref="SinkOptions.DrainDeadline"/>, commits, and returns. A destination that refuses is no exception: the runner
    /// parks it in its status and tries again. Must not hold the caller's thread.
    /// </summary>
    /// <exception cref="Log.LogUnavailableException">The log did not answer: it is run again, with back-off.</exception>
    /// <exception cref="Log.FencedException">Another instance has taken over: it is run again, as a new member.</exception>
    Task RunAsync(CancellationToken stop);
}
