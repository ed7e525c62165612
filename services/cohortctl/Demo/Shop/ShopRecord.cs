namespace CohortPipeline.CohortCtl.Demo;

/// <summary>Which of the two source topics a record of the shop is published to.</summary>
internal enum ShopTopic
{
    Events,
    Identifies,
}

/// <summary>What is special about a record of the shop, so that the summary can say how many of each there were.</summary>
internal enum ShopRecordKind
{
    Ordinary,
    Late,
    Duplicate,
    Broken,
}

/// <summary>One record as a producer would publish it, <paramref name="Due"/> after the shop opened.</summary>
internal sealed record ShopRecord(TimeSpan Due, ShopTopic Topic, ShopRecordKind Kind, byte[] Key, byte[] Value);
