using CohortPipeline.Log.Kafka.Native;
using Confluent.Kafka;

namespace CohortPipeline.Log.Kafka.Reading;

/// <summary>Tells what an item of a poll that is no record means.</summary>
internal enum ReadError
{
    EndOfPartition,
    OffsetGone,

    /// <summary>This member did not poll for too long; the lost handler has run, and it joins again by itself.</summary>
    PollIntervalExceeded,

    /// <summary>The client tries again by itself.</summary>
    Disturbed,

    /// <summary>Reading on would lose or invent records, or will never succeed.</summary>
    Refused,
}

internal static class ReadErrors
{
    public static ReadError Of(ErrorCode code) => code switch
    {
        ErrorCode.Local_PartitionEOF => ReadError.EndOfPartition,
        AutoOffsetReset or ErrorCode.OffsetOutOfRange or ErrorCode.Local_NoOffset => ReadError.OffsetGone,
        ErrorCode.Local_MaxPollExceeded => ReadError.PollIntervalExceeded,
        KafkaErrors.UnreleasedInstanceId => ReadError.Refused,
        _ when KafkaErrors.IsUnavailable(code) || KafkaErrors.IsGroupMovedOn(code) && code != ErrorCode.FencedInstanceId => ReadError.Disturbed,
        _ => ReadError.Refused,
    };

    /// <summary>The item's own text says more than the code's.</summary>
    public static unsafe string TextOf(NativeMessage* message) =>
        message->Payload is null
            ? NativeError.TextOf(message->Error)
            : System.Text.Encoding.UTF8.GetString(message->Payload, (int)message->Length);

    private const ErrorCode AutoOffsetReset = (ErrorCode)(-140);
}
