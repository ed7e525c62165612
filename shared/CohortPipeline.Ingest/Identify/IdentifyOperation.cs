namespace CohortPipeline.Ingest;

/// <summary>The operations of <c>docs/spec/inputs.md</c> §5, in the order in which they apply and are written.</summary>
internal enum IdentifyOperation
{
    ClearAll,
    Unset,
    Set,
    SetOnce,
    Add,
    Append,
    Prepend,
    PreInsert,
    PostInsert,
    Remove,
}

internal static class IdentifyOperationNames
{
    public const int Count = (int)IdentifyOperation.Remove + 1;

    public static ReadOnlySpan<byte> Of(IdentifyOperation operation) => operation switch
    {
        IdentifyOperation.ClearAll => "$clearAll"u8,
        IdentifyOperation.Unset => "$unset"u8,
        IdentifyOperation.Set => "$set"u8,
        IdentifyOperation.SetOnce => "$setOnce"u8,
        IdentifyOperation.Add => "$add"u8,
        IdentifyOperation.Append => "$append"u8,
        IdentifyOperation.Prepend => "$prepend"u8,
        IdentifyOperation.PreInsert => "$preInsert"u8,
        IdentifyOperation.PostInsert => "$postInsert"u8,
        IdentifyOperation.Remove => "$remove"u8,
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "no such operation"),
    };

    public static bool TryParse(ReadOnlySpan<byte> name, out IdentifyOperation operation)
    {
        operation = default;
        if (name.IsEmpty || name[0] != '$')
            return false;
        for (; operation <= IdentifyOperation.Remove; operation++)
        {
            if (Of(operation).SequenceEqual(name))
                return true;
        }

        return false;
    }
}
