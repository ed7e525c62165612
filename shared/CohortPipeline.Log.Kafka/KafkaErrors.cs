using CohortPipeline.Log.Kafka.Native;
using Confluent.Kafka;

namespace CohortPipeline.Log.Kafka;

/// <summary>Turns Kafka's error codes into what the contract knows.</summary>
internal static class KafkaErrors
{
    /// <summary>True if waiting and asking again is right: nobody answered, or a broker is on its way.</summary>
    public static bool IsUnavailable(ErrorCode code) => code is
        ErrorCode.Local_TimedOut or ErrorCode.Local_TimedOutQueue or ErrorCode.Local_MsgTimedOut or ErrorCode.Local_Transport
        or ErrorCode.Local_AllBrokersDown or ErrorCode.Local_Resolve or ErrorCode.Local_WaitCoord or ErrorCode.Local_Retry
        or ErrorCode.Local_WaitCache or ErrorCode.Local_DestroyBroker or ErrorCode.Local_NodeUpdate
        or ErrorCode.LeaderNotAvailable or ErrorCode.NotLeaderForPartition or ErrorCode.RequestTimedOut or ErrorCode.BrokerNotAvailable
        or ErrorCode.ReplicaNotAvailable or ErrorCode.NetworkException or ErrorCode.GroupLoadInProgress
        or ErrorCode.GroupCoordinatorNotAvailable or ErrorCode.NotCoordinatorForGroup or ErrorCode.NotController
        or ErrorCode.NotEnoughReplicas or ErrorCode.NotEnoughReplicasAfterAppend or ErrorCode.ConcurrentTransactions
        or ErrorCode.FencedLeaderEpoch or ErrorCode.UnknownLeaderEpoch or ErrorCode.OffsetNotAvailable or ErrorCode.UnstableOffsetCommit
        or ErrorCode.ThrottlingQuotaExceeded or ErrorCode.KafkaStorageError or RebootstrapRequired or UnreleasedInstanceId;

    /// <summary>True if the group has moved on without this member, or while it was asking.</summary>
    public static bool IsGroupMovedOn(ErrorCode code) => code is
        ErrorCode.IllegalGeneration or ErrorCode.UnknownMemberId or ErrorCode.RebalanceInProgress or ErrorCode.FencedInstanceId
        or ErrorCode.Local_AssignmentLost or FencedMemberEpoch or StaleMemberEpoch;

    /// <summary>True if another client has taken this one's name.</summary>
    public static bool IsFenced(ErrorCode code) => code is
        ErrorCode.Local_Fenced or ErrorCode.ProducerFenced or ErrorCode.InvalidProducerEpoch or ErrorCode.FencedInstanceId;

    public static Exception ToException(string attempted, string servers, NativeError error) => ToException(attempted, servers, error.Code, error.Text);

    public static Exception ToException(string attempted, string servers, ErrorCode code, string text, Exception? inner = null)
    {
        var message = $"{attempted} on Kafka at {servers}: {text} ({(int)code})";
        if (IsUnavailable(code))
            return new LogUnavailableException(message, inner);
        return IsFenced(code) ? new FencedException(message, inner) : new LogException(message, inner);
    }

    /// <summary>Another process still has the static member's name (KIP-848).</summary>
    public const ErrorCode UnreleasedInstanceId = (ErrorCode)111;

    // Codes that Confluent.Kafka's enumeration does not name.
    private const ErrorCode FencedMemberEpoch = (ErrorCode)110;
    private const ErrorCode StaleMemberEpoch = (ErrorCode)113;
    private const ErrorCode RebootstrapRequired = (ErrorCode)129;
}
