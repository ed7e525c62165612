using CohortPipeline.Contracts;
using CohortPipeline.Rules.Plans;
using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Steps;
using CohortPipeline.State;

namespace CohortPipeline.Benchmarks.Rules;

/// <summary>A partition's profiles and the step on them, with nothing around: load, fire, apply, write back.</summary>
internal sealed class RulesPartition
{
    private const int EventsPerCommit = 10_000;
    private const int ProfilesPerCommit = 1_000;

    private readonly CohortPlan _plan;
    private readonly ProfileStore _store = new();
    private readonly ProfileLookahead _lookahead = new();
    private readonly TimerQueue _timers;
    private readonly byte[][] _keys;
    private readonly Profile _profile = new();
    private readonly Stepper _stepper = new();
    private readonly Transition _transition = new();
    private readonly ByteWriter _bytes = new();
    private readonly byte[] _insertId = new byte[sizeof(long)];
    private int _uncommitted;

    public RulesPartition(CohortPlan plan, int profiles)
    {
        _plan = plan;
        _timers = new(_store);
        _keys = [.. Enumerable.Range(0, profiles).Select(UserEvents.KeyOf)];
    }

    public long Changes { get; private set; }

    /// <summary>Memory of the whole store by profile.</summary>
    public double BytesPerProfile => (double)_store.Bytes / _store.ProfileCount;

    /// <summary>Takes a batch: its events, then the timers that are due.</summary>
    public void Run(RulesWorkload workload, UserEvents events)
    {
        var last = 0L;
        var seen = 0;
        _lookahead.Clear();
        for (var i = 0; i < events.Count; i++)
        {
            for (; seen < events.Count && !_lookahead.IsFull; seen++)
                _lookahead.See(_store, events.Key(seen));
            var record = workload.Record(events, i, _insertId);
            var key = events.Key(i);
            var entry = _store.FindOrAdd(key, _lookahead.Take());
            ProfileCodec.Read(key, _store.Read(entry), _profile);
            var instant = Clock.InstantOf(record.Timestamp, Clock.NoWatermark, _profile.LastInstant);
            Fire(instant);
            _stepper.Apply(_plan, _profile, record, instant, _transition);
            Changes += _transition.Changes.Count;
            Keep(entry, key);
            last = record.Timestamp;
        }

        FireDue(last, int.MaxValue);
        if ((_uncommitted += events.Count) < EventsPerCommit)
            return;
        _store.Promote();
        _uncommitted = 0;
    }

    /// <summary>Fires timers due before an instant, of at most so many profiles; answers of how many.</summary>
    public int FireDue(long before, int max)
    {
        var fired = 0;
        Span<int> due = stackalloc int[TimerQueue.TakenAtOnce];
        for (int taken; fired < max && (taken = _timers.Take(before, due[..Math.Min(due.Length, max - fired)])) > 0; fired += taken)
        {
            foreach (var entry in due[..taken])
                FireTimerOf(entry, before);
        }

        return fired;
    }

    private void FireTimerOf(int entry, long before)
    {
        var stored = _store.Read(entry);
        var timer = ProfileCodec.TimerOf(stored);
        if (timer >= before)
        {
            _timers.Arm(entry, timer);
            return;
        }

        var key = _store.Key(entry);
        ProfileCodec.Read(key, stored, _profile);
        if (Fire(before))
            Keep(entry, key);
        else
            _timers.Arm(entry, _profile.NextTimer);
    }

    public void Promote() => _store.Promote();

    /// <summary>Gives every profile one event, all at the same instant.</summary>
    public void SeeAll(ReadOnlySpan<byte> type, long instant)
    {
        for (var profile = 0; profile < _keys.Length; profile++)
        {
            var entry = _store.FindOrAdd(_keys[profile]);
            ProfileCodec.Read(_keys[profile], [], _profile);
            _stepper.Apply(_plan, _profile, new() { Type = ActivityType.Event, Event = type, Timestamp = instant }, instant, _transition);
            Keep(entry, _keys[profile]);
            if (profile % EventsPerCommit == 0)
                _store.Promote();
        }

        _store.Promote();
    }

    /// <summary>Puts a profile in place.</summary>
    public void Put(int profile, Action<Profile> fill)
    {
        var entry = _store.FindOrAdd(_keys[profile]);
        ProfileCodec.Read(_keys[profile], [], _profile);
        fill(_profile);
        Keep(entry, _keys[profile]);
        if (profile % ProfilesPerCommit == 0)
            _store.Promote();
    }

    private bool Fire(long before)
    {
        var isChanged = false;
        while (_stepper.TryFire(_plan, _profile, before, _transition))
        {
            isChanged |= _transition.HasChangedProfile;
            Changes += _transition.Changes.Count;
        }

        return isChanged;
    }

    private void Keep(int entry, ReadOnlySpan<byte> key)
    {
        ProfileCodec.Write(key, _profile, _bytes);
        _store.Stage(entry, _bytes.Written);
        _timers.Arm(entry, _profile.NextTimer);
    }
}
