using System.Buffers;
using System.Diagnostics;
using System.Text.Json;
using CohortPipeline.Contracts;
using CohortPipeline.Lanes;
using CohortPipeline.Rules.Plans;
using CohortPipeline.Rules.Profiles;
using CohortPipeline.Rules.Properties;
using CohortPipeline.Rules.Steps;
using CohortPipeline.Telemetry;

namespace CohortPipeline.Evaluator;

/// <summary>Stages what a transition says: a delta and a row for each change, a row for each member whose exported properties are others now. A lane has one.</summary>
internal sealed class MembershipOutput
{
    private const int RowKeyBytesMax = 64 + 1 + 2 + ProfileKey.IdBytesMax;

    private readonly LaneOutput _output;
    private readonly LaneTopic _deltas;
    private readonly LaneTopic _memberships;
    private readonly ArrayBufferWriter<byte> _value = new(1024);
    private readonly ArrayBufferWriter<byte> _properties = new(1024);
    private readonly Utf8JsonWriter _json;
    private readonly List<long> _uncommitted = [];

    public MembershipOutput(PipelineTopics topics, LaneOutput output)
    {
        _output = output;
        _deltas = output.Topic(topics.MembershipDeltas.Name);
        _memberships = output.Topic(topics.Memberships.Name);
        _json = new(_value, JsonText.WriterOptions);
    }

    /// <param name="partition">Of <c>activity</c>, and so of the deltas.</param>
    /// <param name="sourceOffset">Of the record that was applied; -1 for a timer.</param>
    /// <param name="trace">The trace that the record belongs to; none for a timer.</param>
    public void Stage(int partition, ReadOnlySpan<byte> key, Profile profile, Transition transition, long sourceOffset, in ActivityContext trace)
    {
        if (transition.Changes.Count + transition.Rewrites.Count == 0)
            return;
        var amplitudeId = ProfileKey.AmplitudeId(key);
        for (var i = 0; i < transition.Changes.Count; i++)
        {
            var change = transition.Changes[i];
            var isEnter = change.Change == MembershipChange.Enter;
            Export(change.Cohort, profile);
            StageDelta(partition, key, profile, transition, i, amplitudeId, sourceOffset, trace);
            StageRow(key, profile, change.Cohort, isEnter, change.EnteredAt, isEnter ? null : transition.At, new(transition.At, change.Version, transition.ComputedAt), amplitudeId, trace);
            EvaluatorMetrics.CountDelta(change.Cohort.Definition.Id, isEnter);
            if (EvaluatorMetrics.EventToDelta.Enabled)
                _uncommitted.Add(transition.At);
        }

        foreach (var rewrite in transition.Rewrites)
        {
            var membership = rewrite.Membership;
            Export(rewrite.Cohort, profile);
            StageRow(key, profile, rewrite.Cohort, isIn: true, membership.EnteredAt, exitedAt: null, new(membership.At, membership.Version, membership.ComputedAt), amplitudeId, trace);
        }
    }

    /// <summary>What was staged is committed: measures how long it took.</summary>
    public void Measure(long now)
    {
        foreach (var instant in _uncommitted)
            EvaluatorMetrics.EventToDelta.Record((now - instant) / 1000.0);
        Forget();
    }

    /// <summary>The transaction has ended.</summary>
    public void Forget() => _uncommitted.Clear();

    private void Export(PlannedCohort cohort, Profile profile)
    {
        _properties.ResetWrittenCount();
        ExportedProperties.Write(cohort, profile.Properties, _properties);
    }

    private void StageDelta(int partition, ReadOnlySpan<byte> key, Profile profile, Transition transition, int index, long amplitudeId, long sourceOffset, in ActivityContext trace)
    {
        var change = transition.Changes[index];
        Span<byte> id = stackalloc byte[DeltaId.Length];
        DeltaId.Write(key, change.Cohort.Id, change.Version, transition.At, id);
        var delta = new Delta
        {
            Id = id,
            CohortId = change.Cohort.Id,
            CohortName = change.Cohort.Name,
            DefinitionVersion = change.Cohort.Version,
            UserId = profile.UserId,
            DeviceId = profile.DeviceId,
            AmplitudeId = amplitudeId,
            Change = change.Change,
            Reason = transition.Reason,
            At = transition.At,
            EnteredAt = change.EnteredAt,
            ExitedAt = change.Change == MembershipChange.Exit ? transition.At : null,
            ComputedAt = transition.ComputedAt,
            FirstSeenAt = profile.FirstSeenAt,
            Version = change.Version,
            Part = index + 1,
            Parts = transition.Changes.Count,
            Properties = _properties.WrittenSpan,
            SourcePartition = sourceOffset >= 0 ? partition : -1,
            SourceOffset = sourceOffset,
        };
        BeginValue();
        DeltaWriter.Write(_json, delta);
        _json.Flush();
        Append(_deltas, partition, key, trace);
    }

    private void StageRow(ReadOnlySpan<byte> key, Profile profile, PlannedCohort cohort, bool isIn, long enteredAt, long? exitedAt, in LastChange last, long amplitudeId, in ActivityContext trace)
    {
        var row = new MembershipRow
        {
            In = isIn,
            EnteredAt = enteredAt,
            ExitedAt = exitedAt,
            At = last.At,
            Version = last.Version,
            ComputedAt = last.ComputedAt,
            FirstSeenAt = profile.FirstSeenAt,
            UserId = profile.UserId,
            DeviceId = profile.DeviceId,
            AmplitudeId = amplitudeId,
            Properties = _properties.WrittenSpan,
        };
        BeginValue();
        MembershipWriter.Write(_json, row);
        _json.Flush();
        Span<byte> rowKey = stackalloc byte[RowKeyBytesMax];
        var length = MembershipKey.Write(cohort.Id, key, rowKey);
        Append(_memberships, _memberships.PartitionOf(cohort.Id), rowKey[..length], trace);
    }

    private void Append(LaneTopic topic, int partition, scoped ReadOnlySpan<byte> key, in ActivityContext trace)
    {
        using var span = MessagingSpans.StartSend(EvaluatorMetrics.Source, topic.Name, trace);
        _output.Append(topic, partition, Log.Bytes.From(key), _value.WrittenSpan, TraceContext.Headers(span));
    }

    private void BeginValue()
    {
        _value.ResetWrittenCount();
        _json.Reset();
    }

    private readonly record struct LastChange(long At, long Version, long ComputedAt);
}
