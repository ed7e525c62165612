namespace CohortPipeline.Sinks.S3.Objects;

public enum StoreAnswerKind
{
    Stored,

    /// <summary>There is an object under this key already (412).</summary>
    Exists,

    /// <summary>Another request to this key was under way (409), the store is slow, or it cannot be reached: try again.</summary>
    TryAgain,

    /// <summary>The upload in parts is not known (any more), or must be sent anew.</summary>
    UploadGone,

    /// <summary>There is no such object.</summary>
    Absent,

    /// <summary>The store refuses until somebody changes something: rights, bucket, key, region.</summary>
    Refused,
}

/// <summary>What a store answered. <paramref name="Code"/> is its own word, which metrics and the parking reason carry.</summary>
public readonly record struct StoreAnswer(StoreAnswerKind Kind, string Code, string Detail)
{
    public static StoreAnswer Stored { get; } = new(StoreAnswerKind.Stored, "", "");

    public static StoreAnswer Exists { get; } = new(StoreAnswerKind.Exists, "PreconditionFailed", "an object of this name is there already");

    public static StoreAnswer Absent { get; } = new(StoreAnswerKind.Absent, "NotFound", "there is no such object");

    public static StoreAnswer TryAgain(string code, string detail) => new(StoreAnswerKind.TryAgain, code, detail);

    public static StoreAnswer UploadGone(string code, string detail) => new(StoreAnswerKind.UploadGone, code, detail);

    public static StoreAnswer Refused(string code, string detail) => new(StoreAnswerKind.Refused, code, detail);
}

/// <summary>The upload, where the answer is <see cref="StoreAnswerKind.Stored"/>.</summary>
public readonly record struct UploadAnswer(StoreAnswer Answer, Upload Upload);

/// <summary>The part, where the answer is <see cref="StoreAnswerKind.Stored"/>.</summary>
public readonly record struct PartAnswer(StoreAnswer Answer, StoredPart Part);

/// <summary>The uploads, where the answer is <see cref="StoreAnswerKind.Stored"/>.</summary>
public readonly record struct UnfinishedAnswer(StoreAnswer Answer, IReadOnlyList<Upload> Uploads);

/// <summary>What a store says of a stored object.</summary>
/// <param name="Answer"><see cref="StoreAnswerKind.Exists"/>, with its checksum; <see cref="StoreAnswerKind.Absent"/>; or why it cannot be told.</param>
/// <param name="Crc64Nvme">Null where the object is stored without one: somebody else wrote it.</param>
public readonly record struct ChecksumAnswer(StoreAnswer Answer, string? Crc64Nvme);
