
namespace CohortPipeline.CohortCtl.Demo;

/// <summary>Writes the services' log lines into a file, so that the screen stays the demo's; counts the errors among them.</summary>
internal sealed class DemoJournal : ILoggerProvider
{
    private readonly Lock _lock = new();
    private readonly StreamWriter _file = new(DemoFolder.Journal) { AutoFlush = true };
    private readonly TimeProvider _time;

    public DemoJournal(TimeProvider time) => _time = time;

    /// <summary>Lines at level error or above.</summary>
    public int Errors { get; private set; }

    /// <summary>The last of them; null for none.</summary>
    public string? LastError { get; private set; }

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose() => _file.Dispose();

    private void Write(LogLevel level, string category, EventId id, string text, Exception? exception)
    {
        lock (_lock)
        {
            if (level >= LogLevel.Error)
                (Errors, LastError) = (Errors + 1, text);
            _file.WriteLine($"{_time.GetUtcNow():O} {level} {category}[{id.Id}] {text}{(exception is null ? "" : $" {exception}")}");
        }
    }

    private sealed class Logger(DemoJournal journal, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                journal.Write(logLevel, category, eventId, formatter(state, exception), exception);
        }
    }
}
