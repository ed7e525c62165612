using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Log;

namespace CohortPipeline.Sinks;

/// <summary>
/// The destinations there are: the compacted topic <c>destinations</c>, read to its end and followed from there. A row that
/// cannot be read is an entry of <see cref="Unreadable"/>; the others are not touched by it.
/// </summary>
/// <remarks>One thread uses it.</remarks>
public sealed class DestinationTable : IDisposable
{
    private static readonly TimeSpan CatchUpWait = TimeSpan.FromMilliseconds(100);

    private readonly TopicFollower _follower;
    private readonly Dictionary<string, Destination> _destinations = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _unreadable = new(StringComparer.Ordinal);
    private bool _changed;

    private DestinationTable(TopicFollower follower) => _follower = follower;

    public IReadOnlyDictionary<string, Destination> Destinations => _destinations;

    /// <summary>Ids of rows that are no destination, and why.</summary>
    public IReadOnlyDictionary<string, string> Unreadable => _unreadable;

    /// <summary>Opens the table and reads it to what is its end now.</summary>
    /// <exception cref="LogException">There is no such topic.</exception>
    /// <exception cref="LogUnavailableException">The log did not answer.</exception>
    public static async Task<DestinationTable> OpenAsync(ILog log, PipelineTopics topics, CancellationToken cancellation)
    {
        var table = new DestinationTable(await TopicFollower.OpenAsync(log, "destinations", [topics.Destinations.Name], cancellation));
        try
        {
            while (!table._follower.IsCaughtUp)
            {
                cancellation.ThrowIfCancellationRequested();
                table.Poll(CatchUpWait);
            }

            return table;
        }
        catch
        {
            table.Dispose();
            throw;
        }
    }

    /// <summary>Applies what has come since; true if anything changed.</summary>
    public bool Poll(TimeSpan timeout)
    {
        _changed = false;
        _follower.Poll(Apply, timeout);
        return _changed;
    }

    public void Dispose() => _follower.Dispose();

    private void Apply(in LogRecord record)
    {
        var id = Encoding.UTF8.GetString(record.Key);
        _destinations.Remove(id);
        _unreadable.Remove(id);
        _changed = true;
        if (record.IsTombstone)
            return;
        if (DestinationCodec.TryRead(id, record.Value, out var destination, out var error))
            _destinations.Add(id, destination);
        else
            _unreadable.Add(id, error);
    }
}
