using System.Globalization;
using System.Text.Json;

namespace CohortPipeline.TestKit.Aws.Kinesis;

/// <summary>A change that a receiver saw, once.</summary>
public sealed record ReceivedChange(string Cohort, string User, bool IsMember, long ComputedTime);

/// <summary>
/// A receiver of <c>amplitude-cohort</c> as its owner would write it from the specification alone: a record with a
/// <c>message_id</c> that was seen is a repeat, and of a user's changes in a cohort the newest by <c>computed_time</c> counts.
/// </summary>
public sealed class CohortReceiver(KinesisCalls calls, string stream)
{
    private readonly ShardReader _reader = new(calls, stream);
    private readonly Dictionary<string, byte[]> _messages = [];
    private readonly Dictionary<(string Cohort, string User), ReceivedChange> _newest = [];
    private readonly List<ReceivedChange> _changes = [];
    private readonly List<string> _contradictions = [];

    /// <summary>First occurrences, in the order in which they came.</summary>
    public IReadOnlyList<ReceivedChange> Changes => _changes;

    /// <summary>Records that had come before.</summary>
    public int Repeats { get; private set; }

    /// <summary>What no receiver may ever see: a first occurrence behind a newer one of its user and cohort, or a repeat with other bytes.</summary>
    public IReadOnlyList<string> Contradictions => _contradictions;

    /// <summary>Takes what has come since the last time.</summary>
    public async Task ReceiveAsync(CancellationToken cancellation)
    {
        foreach (var record in await _reader.ReadAsync(cancellation))
            Take(record);
    }

    /// <summary>Who is in a cohort.</summary>
    public IReadOnlySet<string> Members(string cohort) =>
        _newest.Values.Where(change => change.Cohort == cohort && change.IsMember).Select(change => change.User).ToHashSet();

    private void Take(StreamRecord record)
    {
        using var payload = JsonDocument.Parse(record.Data);
        var root = payload.RootElement;
        var id = root.GetProperty("message_id").GetString()!;
        if (!_messages.TryAdd(id, record.Data))
        {
            Repeats++;
            if (!record.Data.AsSpan().SequenceEqual(_messages[id]))
                _contradictions.Add($"{id} came again with other bytes");
            return;
        }

        var cohort = root.GetProperty("cohort_id").GetString()!;
        var isMember = root.GetProperty("in_cohort").GetBoolean();
        var time = long.Parse(root.GetProperty("computed_time").GetString()!, CultureInfo.InvariantCulture);
        foreach (var user in root.GetProperty("users").EnumerateArray())
            Take(new ReceivedChange(cohort, user.GetProperty("user_id").GetString()!, isMember, time));
    }

    private void Take(ReceivedChange change)
    {
        _changes.Add(change);
        if (_newest.TryGetValue((change.Cohort, change.User), out var newest) && newest.ComputedTime >= change.ComputedTime)
            _contradictions.Add($"{change} came behind {newest}");
        else
            _newest[(change.Cohort, change.User)] = change;
    }
}
