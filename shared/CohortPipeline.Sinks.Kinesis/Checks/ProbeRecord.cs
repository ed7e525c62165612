using System.Text;
using System.Text.Json;
using CohortPipeline.Contracts;

namespace CohortPipeline.Sinks.Kinesis.Checks;

/// <summary>
/// The record that a check may send: in the destination's own format, of a cohort <c>cohort-pipeline-check</c>, with nobody in
/// it, so that a receiver that takes it for one of ours changes nothing.
/// </summary>
internal static class ProbeRecord
{
    private const string Id = "cohort-pipeline-check";

    public static byte[] Of(KinesisDestination destination, DateTimeOffset now)
    {
        using var payload = new PayloadWriter();
        var writer = payload.Start();
        if (destination.Format == KinesisFormat.LyticsTrigger)
            new LyticsTriggerPayload(destination.Id).WriteNothing(writer, Id, now.ToUnixTimeMilliseconds());
        else
            WriteNobody(writer, now);
        return payload.Written.ToArray();
    }

    private static void WriteNobody(Utf8JsonWriter writer, DateTimeOffset now)
    {
        AmplitudeCohortPayload.StartRecord(writer, "cohort-pipeline-check"u8, "cohort-pipeline-check"u8, MembershipChange.Exit, now.ToUnixTimeSeconds(), Encoding.UTF8.GetBytes(Id));
        AmplitudeCohortPayload.EndRecord(writer, default);
    }
}
