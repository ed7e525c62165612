namespace CohortPipeline.Sinks.S3.Objects;

/// <summary>
/// Where a destination's objects go. Nothing is ever overwritten, and nothing is seen before it is whole. Everything that a
/// store may answer is a value; only a cancellation throws. May be used from several threads.
/// </summary>
public interface IObjectStore : IDisposable
{
    /// <summary>Creates the object in one call, or says why not.</summary>
    Task<StoreAnswer> PutAsync(ObjectHead head, ReadOnlyMemory<byte> body, string crc64Nvme, CancellationToken cancellation);

    /// <summary>Begins an upload in parts.</summary>
    Task<UploadAnswer> BeginAsync(ObjectHead head, CancellationToken cancellation);

    /// <summary>Sends a part, numbered from 1, which may have been sent before. All but the last are at least 5 MiB.</summary>
    Task<PartAnswer> SendPartAsync(Upload upload, int number, ReadOnlyMemory<byte> body, string crc64Nvme, CancellationToken cancellation);

    /// <summary>Creates the object from its parts, whose bytes together have the checksum, or says why not.</summary>
    Task<StoreAnswer> CompleteAsync(Upload upload, IReadOnlyList<StoredPart> parts, string crc64Nvme, CancellationToken cancellation);

    /// <summary>Gives an upload up: its parts are deleted. One that is gone was given up before.</summary>
    Task<StoreAnswer> AbortAsync(Upload upload, CancellationToken cancellation);

    /// <summary>The uploads that were begun under a prefix of keys and neither completed nor given up.</summary>
    Task<UnfinishedAnswer> UnfinishedAsync(string prefix, CancellationToken cancellation);

    /// <summary>The CRC64NVME of the object that is stored under a key, or why it cannot be told.</summary>
    Task<ChecksumAnswer> ChecksumAsync(string key, CancellationToken cancellation);
}

/// <summary>Opens the store that a destination names.</summary>
public interface IObjectStoreFactory
{
    IObjectStore Open(S3Destination destination);
}

/// <summary>What is told of an object beside its bytes.</summary>
/// <param name="TraceParent">W3C <c>traceparent</c>, stored as metadata; null for none.</param>
public sealed record ObjectHead(string Key, string ContentType, string? TraceParent = null);

/// <summary>An upload in parts that is under way.</summary>
public readonly record struct Upload(string Key, string Id);

/// <summary>A part that is stored, as the store names it.</summary>
public readonly record struct StoredPart(int Number, string Tag, string Crc64Nvme);
