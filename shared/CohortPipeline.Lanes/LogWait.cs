using CohortPipeline.Log;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Lanes;

/// <summary>What a lane waits for while its log cannot be reached or has no room: shown by <c>/health</c>, and told in the log now and then.</summary>
internal sealed class LogWait(string transactionalId, TimeProvider time, ILogger logger)
{
    private readonly RepeatLimit _limit = new(time);
    private volatile string? _reading;
    private volatile string? _writing;
    private volatile string? _restoring;

    /// <summary>Null: for nothing.</summary>
    public string? Reason => _reading ?? _writing ?? _restoring;

    public void ReadingFailed(LogUnavailableException failure) => Tell(_reading = failure.Message);

    public void WritingFailed(LogUnavailableException failure) => Tell(_writing = failure.Message);

    public void ReadingWorks() => _reading = null;

    public void WritingWorks() => _writing = null;

    /// <summary>What a restore waits for; null: none waits.</summary>
    public void RestoreWaits(string? reason)
    {
        if (reason is not null)
            Tell(reason);
        _restoring = reason;
    }

    private void Tell(string reason)
    {
        if (_limit.MayTell(out var times))
            LogEvents.Waiting(logger, transactionalId, reason, times);
    }
}
