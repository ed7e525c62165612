using System.Buffers;
using System.Text.Json;
using CohortPipeline.Contracts;
using CohortPipeline.Log;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>Writes the present state of a member as the delta that it stands for: its last change, with the same id.</summary>
internal sealed class RowDeltas(IReadOnlyDictionary<string, CohortName> cohorts) : IDisposable
{
    private readonly ArrayBufferWriter<byte> _buffer = new(1_024);
    private readonly Utf8JsonWriter _writer = new(Stream.Null, JsonText.WriterOptions);
    private readonly byte[] _id = new byte[DeltaId.Length];

    /// <summary>The delta of a row, in JSON; borrowed until the next call.</summary>
    public ReadOnlySpan<byte> Write(ReadOnlySpan<byte> cohortId, ReadOnlySpan<byte> profileKey, in MembershipRow row, in RowEvaluation evaluation)
    {
        var cohort = cohorts.GetValueOrDefault(System.Text.Encoding.UTF8.GetString(cohortId));
        DeltaId.Write(profileKey, cohortId, row.Version, row.At, _id);
        _buffer.ResetWrittenCount();
        _writer.Reset(_buffer);
        DeltaWriter.Write(_writer, new()
        {
            Id = _id,
            CohortId = cohortId,
            CohortName = cohort is null ? cohortId : cohort.Name,
            DefinitionVersion = cohort?.Version ?? 0,
            UserId = row.UserId,
            DeviceId = row.DeviceId,
            AmplitudeId = row.AmplitudeId,
            Change = row.In ? MembershipChange.Enter : MembershipChange.Exit,
            Reason = DeltaReason.Definition,
            At = evaluation.At,
            EnteredAt = row.EnteredAt,
            ExitedAt = row.ExitedAt,
            ComputedAt = evaluation.ComputedAt,
            FirstSeenAt = row.FirstSeenAt,
            Version = row.Version,
            Part = evaluation.Part,
            Parts = evaluation.Parts,
            Properties = row.Properties,
            SourcePartition = -1,
        });
        _writer.Flush();
        return _buffer.WrittenSpan;
    }

    public void Dispose() => _writer.Dispose();
}

/// <summary>What a row's delta says of the evaluation that it is of.</summary>
/// <param name="At">Its instant, epoch milliseconds.</param>
/// <param name="ComputedAt">Whole epoch seconds.</param>
/// <param name="Part">Which of its deltas this is, from 1.</param>
/// <param name="Parts">How many it has.</param>
internal readonly record struct RowEvaluation(long At, long ComputedAt, int Part, int Parts)
{
    /// <summary>The row's last change, alone.</summary>
    public static RowEvaluation Of(in MembershipRow row) => new(row.At, row.ComputedAt, 1, 1);
}

/// <summary>What deltas say of their cohort.</summary>
internal sealed record CohortName(byte[] Name, int Version)
{
    /// <summary>Of all cohorts that are defined now.</summary>
    /// <exception cref="LogUnavailableException">The log did not answer.</exception>
    public static IReadOnlyDictionary<string, CohortName> ReadAll(ILog log, PipelineTopics topics)
    {
        var names = new Dictionary<string, CohortName>(StringComparer.Ordinal);
        TopicFollower.ReadToEndAsync(log, topics.Named("sink-cohorts"), [topics.CohortDefinitions.Name], Take, CancellationToken.None).GetAwaiter().GetResult();
        return names;

        void Take(in LogRecord record)
        {
            var id = System.Text.Encoding.UTF8.GetString(record.Key);
            if (!record.IsTombstone && CohortDefinitionRow.TryRead(id, record.Value, out var row, out _) && row.Definition is { } definition)
                names[id] = new(NameIn(definition) ?? record.Key.ToArray(), row.Version);
        }
    }

    private static byte[]? NameIn(ReadOnlyMemory<byte> definition)
    {
        using var document = JsonDocument.Parse(definition);
        return document.RootElement.TryGetProperty("name"u8, out var name) && name.GetString() is { } text ? System.Text.Encoding.UTF8.GetBytes(text) : null;
    }
}
