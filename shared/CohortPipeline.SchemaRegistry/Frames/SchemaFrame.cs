namespace CohortPipeline.SchemaRegistry;

/// <summary>
/// The frame that a Schema Registry's serializers put before a value: <c>0x00</c> and a schema id of 4 bytes, or <c>0x01</c>
/// and a GUID of 16; or no prefix, and the id in a header.
/// </summary>
public static class SchemaFrame
{
    private const byte IdMagic = 0;
    private const byte GuidMagic = 1;
    private const int IdPrefixLength = 5;
    private const int GuidPrefixLength = 17;

    /// <summary>Header that carries the id of the value's schema where the value has no prefix.</summary>
    public static ReadOnlySpan<byte> ValueIdHeader => "__value_schema_id"u8;

    /// <summary>Takes the prefix off; false if there is none. No JSON text begins with such a byte.</summary>
    public static bool TryRemove(ref ReadOnlySpan<byte> value)
    {
        if (value.Length > IdPrefixLength && value[0] == IdMagic)
            value = value[IdPrefixLength..];
        else if (value.Length > GuidPrefixLength && value[0] == GuidMagic)
            value = value[GuidPrefixLength..];
        else
            return false;
        return true;
    }
}
