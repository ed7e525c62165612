using CohortPipeline.Sinks.S3.Files;

namespace CohortPipeline.Sinks.S3.Objects;

/// <summary>
/// Where a destination's objects go. Nothing is ever overwritten. Everything that a store may answer is a value; only a
/// cancellation throws. May be used from several threads.
/// </summary>
public interface IObjectStore : IDisposable
{
    /// <summary>Creates the object, or says why not.</summary>
    Task<StoreAnswer> PutAsync(SyncObject item, CancellationToken cancellation);

    /// <summary>The CRC64NVME of the object that is stored under a key, or why it cannot be told.</summary>
    Task<ChecksumAnswer> ChecksumAsync(string key, CancellationToken cancellation);
}

/// <summary>Opens the store that a destination names.</summary>
public interface IObjectStoreFactory
{
    IObjectStore Open(S3Destination destination);
}

public enum StoreAnswerKind
{
    Stored,

    /// <summary>There is an object under this key already (412).</summary>
    Exists,

    /// <summary>Another request to this key was under way (409), the store is slow, or it cannot be reached: try again.</summary>
    TryAgain,

    /// <summary>The store refuses until somebody changes something: rights, bucket, key, region.</summary>
    Refused,
}

/// <summary>What a store answered. <paramref name="Code"/> is its own word, which metrics and the parking reason carry.</summary>
public readonly record struct StoreAnswer(StoreAnswerKind Kind, string Code, string Detail)
{
    public static StoreAnswer Stored { get; } = new(StoreAnswerKind.Stored, "", "");

    public static StoreAnswer Exists { get; } = new(StoreAnswerKind.Exists, "PreconditionFailed", "an object of this name is there already");

    public static StoreAnswer TryAgain(string code, string detail) => new(StoreAnswerKind.TryAgain, code, detail);

    public static StoreAnswer Refused(string code, string detail) => new(StoreAnswerKind.Refused, code, detail);
}

/// <summary>What a store says of a stored object.</summary>
/// <param name="Answer"><see cref="StoreAnswerKind.Exists"/>, with its checksum; <see cref="StoreAnswerKind.TryAgain"/>, also where the object has gone meanwhile; or <see cref="StoreAnswerKind.Refused"/>.</param>
/// <param name="Crc64Nvme">Null where the object is stored without one: somebody else wrote it.</param>
public readonly record struct ChecksumAnswer(StoreAnswer Answer, string? Crc64Nvme);
