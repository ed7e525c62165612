using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Log.Kafka.Native;

internal enum ClientKind
{
    Producer = 0,
    Consumer = 1,
}

/// <summary>What a client tells its owner: on the owner's thread, inside the call that serves it.</summary>
internal unsafe interface IClientEvents
{
    void ErrorReported(ErrorCode code, string text);

    /// <summary>The list is borrowed for the call. An exception must not leave this method.</summary>
    void Rebalanced(ErrorCode kind, NativeTopicPartitionList* partitions);
}

/// <summary>One librdkafka client, its log going to <see cref="ILogger"/> and its callbacks to its owner.</summary>
internal sealed unsafe class ClientHandle : IDisposable
{
    private const int ErrorTextBytes = 512;
    private const int ConfigurationAccepted = 0;

    /// <summary>Do not run consumer_close inside destroy: whoever wants to leave the group has said so before.</summary>
    private const int DestroyWithoutClose = 8;

    /// <summary>Above the time-out of one request (<c>socket.timeout.ms</c>), after which it counts as answered.</summary>
    private static readonly TimeSpan GiveUpTimeout = ClientProperties.SocketTimeout + TimeSpan.FromSeconds(2);

    private static readonly TimeSpan GiveUpPause = TimeSpan.FromMilliseconds(20);

    private readonly ILogger _logger;
    private readonly IClientEvents? _events;
    private GCHandle _self;

    private ClientHandle(ILogger logger, IClientEvents? events)
    {
        _logger = logger;
        _events = events;
    }

    /// <summary>The <c>rd_kafka_t*</c>.</summary>
    public nint Pointer { get; private set; }

    /// <exception cref="LogException">librdkafka refuses the properties.</exception>
    public static ClientHandle Open(ClientKind kind, IReadOnlyDictionary<string, string> properties, ILogger logger, IClientEvents? events = null)
    {
        var handle = new ClientHandle(logger, events);
        handle._self = GCHandle.Alloc(handle);
        var configuration = Librdkafka.rd_kafka_conf_new();
        Span<byte> errorText = stackalloc byte[ErrorTextBytes];
        fixed (byte* text = errorText)
        {
            foreach (var (name, value) in properties)
            {
                if (Librdkafka.rd_kafka_conf_set(configuration, name, value, text, ErrorTextBytes) != ConfigurationAccepted)
                {
                    Librdkafka.rd_kafka_conf_destroy(configuration);
                    handle._self.Free();
                    throw new LogException($"Kafka:{name}: {Marshal.PtrToStringUTF8((nint)text)}");
                }
            }

            Librdkafka.rd_kafka_conf_set_opaque(configuration, GCHandle.ToIntPtr(handle._self));
            Librdkafka.rd_kafka_conf_set_log_cb(configuration, &OnLog);
            Librdkafka.rd_kafka_conf_set_error_cb(configuration, &OnError);
            if (kind == ClientKind.Consumer)
                Librdkafka.rd_kafka_conf_set_rebalance_cb(configuration, &OnRebalance);

            handle.Pointer = Librdkafka.rd_kafka_new((int)kind, configuration, text, ErrorTextBytes);
            if (handle.Pointer == 0)
            {
                Librdkafka.rd_kafka_conf_destroy(configuration);
                handle._self.Free();
                throw new LogException($"the Kafka client cannot be opened: {Marshal.PtrToStringUTF8((nint)text)}");
            }
        }

        return handle;
    }

    /// <summary>What librdkafka says of one property; null if it takes it.</summary>
    public static string? Check(string name, string value)
    {
        var configuration = Librdkafka.rd_kafka_conf_new();
        var text = stackalloc byte[ErrorTextBytes];
        var accepted = Librdkafka.rd_kafka_conf_set(configuration, name, value, text, ErrorTextBytes) == ConfigurationAccepted;
        Librdkafka.rd_kafka_conf_destroy(configuration);
        return accepted ? null : Marshal.PtrToStringUTF8((nint)text);
    }

    /// <summary>The client's fatal error, if it has one: it cannot do anything any more.</summary>
    public NativeError FatalError()
    {
        var text = stackalloc byte[ErrorTextBytes];
        var code = Librdkafka.rd_kafka_fatal_error(Pointer, text, ErrorTextBytes);
        return code == ErrorCode.NoError
            ? default
            : new(code, Marshal.PtrToStringUTF8((nint)text) ?? "", IsFatal: true, IsRetriable: false, RequiresAbort: false);
    }

    /// <summary>Asks whether any broker answers within <paramref name="timeout"/>.</summary>
    public NativeError Reach(TimeSpan timeout)
    {
        NativeMetadata* metadata = null;
        var code = Librdkafka.rd_kafka_metadata(Pointer, allTopics: 0, onlyTopic: 0, &metadata, (int)Math.Ceiling(timeout.TotalMilliseconds));
        if (code == ErrorCode.NoError)
            Librdkafka.rd_kafka_metadata_destroy(metadata);
        return NativeError.Of(code);
    }

    /// <summary>Lets a producer tell its events, for at most this long. Consumers tell theirs when they are read.</summary>
    public void Serve(TimeSpan timeout) => _ = Librdkafka.rd_kafka_poll(Pointer, (int)Math.Ceiling(timeout.TotalMilliseconds));

    /// <summary>
    /// Ends a producer whose transaction did not end well: what is queued is dropped, and produce requests on their way are
    /// waited for, until they are answered or have timed out. librdkafka 2.16 corrupts memory where an answer meets a
    /// transactional producer that is being destroyed.
    /// </summary>
    public void GiveUp()
    {
        var started = Stopwatch.GetTimestamp();
        while (Librdkafka.rd_kafka_outq_len(Pointer) > 0 && Stopwatch.GetElapsedTime(started) < GiveUpTimeout)
        {
            // Also what comes back to the queue to be sent again.
            Librdkafka.rd_kafka_purge(Pointer, PurgeFlags.Queue);
            Serve(GiveUpPause);
        }

        Dispose();
    }

    public void Dispose()
    {
        if (Pointer == 0)
            return;

        Librdkafka.rd_kafka_destroy_flags(Pointer, DestroyWithoutClose);
        Pointer = 0;
        _self.Free();
    }

    private static ClientHandle OwnerOf(nint opaque) => (ClientHandle)GCHandle.FromIntPtr(opaque).Target!;

    /// <summary>Called on librdkafka's own threads.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnLog(nint rk, int severity, byte* facility, byte* text) =>
        LogEvents.Librdkafka(
            OwnerOf(Librdkafka.rd_kafka_opaque(rk))._logger,
            severity,
            Marshal.PtrToStringUTF8((nint)facility) ?? "",
            Marshal.PtrToStringUTF8((nint)text) ?? "");

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnError(nint rk, ErrorCode code, byte* text, nint opaque)
    {
        var owner = OwnerOf(opaque);
        var reason = Marshal.PtrToStringUTF8((nint)text) ?? "";
        if (code is not (ErrorCode.Local_Transport or ErrorCode.Local_Resolve)) // the client's own log has told of each connection already
            LogEvents.ClientError(owner._logger, (int)code, reason);
        owner._events?.ErrorReported(code, reason);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnRebalance(nint rk, ErrorCode kind, NativeTopicPartitionList* partitions, nint opaque) =>
        OwnerOf(opaque)._events?.Rebalanced(kind, partitions);
}
