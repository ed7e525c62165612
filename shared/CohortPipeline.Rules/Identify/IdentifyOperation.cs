namespace CohortPipeline.Rules.Identify;

/// <summary>The operations on single properties, in the order in which they are applied. <c>$clearAll</c> comes before them.</summary>
internal enum IdentifyOperation
{
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
