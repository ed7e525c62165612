using System.Globalization;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Tests.Simulation.World;

/// <summary>What happened in a run, as a script to read: kept only where a run is told again because it failed.</summary>
internal sealed class Journal : ILogger
{
    private const int LinesMax = 250;

    private readonly Queue<string> _lines = new();

    /// <summary>What the run's time is now.</summary>
    public Func<TimeSpan> Now { get; set; } = () => TimeSpan.Zero;

    /// <summary>Whose step it is.</summary>
    public string Actor { get; set; } = "";

    public void Note(string text)
    {
        if (_lines.Count == LinesMax)
            _lines.Dequeue();
        _lines.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{Now().TotalSeconds,9:0.000} s  {Actor,-12} {text}"));
    }

    public override string ToString() => string.Join('\n', _lines);

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Note($"    says: {formatter(state, exception)}");
}
