using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Hosting;
using CohortPipeline.Log;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Control;

/// <summary>
/// Follows <c>memberships</c> and <c>membership-deltas</c> and knows how many members, enters and exits each cohort has. It
/// commits nothing: after a restart it reads them again.
/// </summary>
public sealed class CohortCounts(ILog log, PipelineOptions options, TimeProvider time, ILogger<CohortCounts> logger) : BackgroundService
{
    private static readonly TimeSpan PollWait = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, CohortTally> _tallies = new(StringComparer.Ordinal);
    private readonly PipelineTopics _topics = options.Topics();
    private readonly MembershipReader _memberships = new();
    private readonly DeltaReader _deltas = new();

    /// <summary>False while what was there at the start is still being read: counts are too low until then.</summary>
    public bool IsCaughtUp { get; private set; }

    public CohortCount this[string cohortId]
    {
        get
        {
            lock (_lock)
                return _tallies.TryGetValue(cohortId, out var tally) ? tally.Count : default;
        }
    }

    /// <summary>Every cohort that ever had a row or a delta, deleted ones among them.</summary>
    public IReadOnlyDictionary<string, CohortCount> All()
    {
        lock (_lock)
            return _tallies.ToDictionary(tally => tally.Key, tally => tally.Value.Count, StringComparer.Ordinal);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.Factory.StartNew(() => Follow(stoppingToken), stoppingToken, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();

    private async Task Follow(CancellationToken stop)
    {
        for (var attempt = 0; !stop.IsCancellationRequested; attempt++)
        {
            try
            {
                using var follower = await TopicFollower.OpenAsync(log, _topics.Named("control-counts"), [_topics.Memberships.Name, _topics.MembershipDeltas.Name], stop);
                lock (_lock)
                    _tallies.Clear();
                for (attempt = 0; !stop.IsCancellationRequested;)
                {
                    follower.Poll(Apply, PollWait);
                    IsCaughtUp = follower.IsCaughtUp;
                }
            }
            catch (LogUnavailableException exception)
            {
                var delay = Backoff.Delay(attempt, Random.Shared.NextDouble());
                LogEvents.CountsWait(logger, exception.Message, delay.TotalSeconds);
                await Task.Delay(delay, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Apply(in LogRecord record)
    {
        lock (_lock)
        {
            if (record.Topic == _topics.MembershipDeltas.Name)
                ApplyDelta(record);
            else
                ApplyRow(record);
        }
    }

    private void ApplyDelta(in LogRecord record)
    {
        if (_deltas.TryRead(record.Value, out var delta, out _))
            Tally(delta.CohortId).Delta(delta.Change == MembershipChange.Enter);
    }

    private void ApplyRow(in LogRecord record)
    {
        if (!MembershipKey.TrySplit(record.Key, out var cohortId, out var profileKey))
            return;
        var isMember = !record.IsTombstone && _memberships.TryRead(record.Value, out var row, out _) && row.In;
        Tally(cohortId).Row(profileKey, isMember);
    }

    private CohortTally Tally(ReadOnlySpan<byte> cohortId)
    {
        var id = Encoding.UTF8.GetString(cohortId);
        if (!_tallies.TryGetValue(id, out var tally))
            _tallies.Add(id, tally = new());
        return tally;
    }
}
