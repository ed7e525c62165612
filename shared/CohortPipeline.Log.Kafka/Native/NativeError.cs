using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace CohortPipeline.Log.Kafka.Native;

/// <summary>What an <c>rd_kafka_error_t*</c> said; <c>default</c> (<see cref="IsNone"/>) is success.</summary>
internal readonly record struct NativeError(ErrorCode Code, string Text, bool IsFatal, bool IsRetriable, bool RequiresAbort)
{
    public bool IsNone => Code == ErrorCode.NoError;

    /// <summary>Reads and destroys the error; null is success.</summary>
    public static unsafe NativeError Take(nint error)
    {
        if (error == 0)
            return default;

        var taken = new NativeError(
            Librdkafka.rd_kafka_error_code(error),
            Marshal.PtrToStringUTF8((nint)Librdkafka.rd_kafka_error_string(error)) ?? "",
            Librdkafka.rd_kafka_error_is_fatal(error) != 0,
            Librdkafka.rd_kafka_error_is_retriable(error) != 0,
            Librdkafka.rd_kafka_error_txn_requires_abort(error) != 0);
        Librdkafka.rd_kafka_error_destroy(error);
        return taken;
    }

    public static unsafe NativeError Of(ErrorCode code) =>
        code == ErrorCode.NoError ? default : new(code, TextOf(code), IsFatal: code == ErrorCode.Local_Fatal, IsRetriable: false, RequiresAbort: false);

    public static unsafe string TextOf(ErrorCode code) => Marshal.PtrToStringUTF8((nint)Librdkafka.rd_kafka_err2str(code)) ?? "";

    public override string ToString() => $"{Text} ({(int)Code})";
}
