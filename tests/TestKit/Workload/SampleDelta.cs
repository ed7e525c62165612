using System.Buffers;
using System.Text;
using System.Text.Json;
using CohortPipeline.Contracts;
using CohortPipeline.Log;

namespace CohortPipeline.TestKit.Workload;

/// <summary>A delta as the evaluator writes it.</summary>
/// <param name="Version">Of the user's profile; its time rises with it.</param>
public sealed record SampleDelta(string User, int Version, string Cohort = "all", MembershipChange Change = MembershipChange.Enter, string Properties = "")
{
    private const long FirstComputedAt = 1_700_000_000;

    public long ComputedAt => FirstComputedAt + Version;

    public void AppendTo(ILogWriter writer, OutputTopic topic)
    {
        var key = Encoding.UTF8.GetBytes($"u:{User}");
        var cohort = Encoding.UTF8.GetBytes(Cohort);
        var id = new byte[DeltaId.Length];
        DeltaId.Write(key, cohort, Version, Version, id);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, JsonText.WriterOptions))
        {
            DeltaWriter.Write(json, new()
            {
                Id = id,
                CohortId = cohort,
                CohortName = cohort,
                DefinitionVersion = 1,
                UserId = Encoding.UTF8.GetBytes(User),
                Change = Change,
                At = Version,
                ComputedAt = ComputedAt,
                Version = Version,
                Part = 1,
                Parts = 1,
                Properties = Encoding.UTF8.GetBytes(Properties),
                SourcePartition = -1,
            });
        }

        writer.Append(topic, topic.PartitionOf(key), key, buffer.WrittenSpan);
    }
}
