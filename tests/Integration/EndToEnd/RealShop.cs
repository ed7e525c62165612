using CohortPipeline.TestKit;

namespace CohortPipeline.Tests.Integration.EndToEnd;

/// <summary>The file of real shop events, and cohorts that have members in it.</summary>
internal static class RealShop
{
    public const string FileName = "rees46-2019-10-01.csv.gz";

    /// <summary>Its rows but for the header and the last one, which is cut short.</summary>
    public const int WholeRows = 17_434;

    /// <summary>Null where it is not on this machine.</summary>
    public static string? File { get; } = Repository.BesideOrNull("data", FileName);

    public static IReadOnlyList<string> CohortIds { get; } = ["lookers", "phone-lookers", "buyers", "undecided", "one-time"];

    public static IReadOnlyList<string> Cohorts { get; } =
    [
        """
        id: lookers
        where: { did: { event: view, count: { at_least: 5 }, within: 30m } }
        """,
        """
        id: phone-lookers
        where: { did: { event: view, where: { category_code: electronics.smartphone, price: { at_least: 200 } }, count: { more_than: 2 }, within: 1h } }
        """,
        """
        id: buyers
        where: { did: { event: purchase } }
        """,
        """
        id: undecided
        where:
          all:
            - did: { event: cart, within: 1h }
            - not: { did: { event: purchase, within: 1h } }
            - not: { did: { event: view, within: 10m } }
        """,
        """
        id: one-time
        where: { did: { event: [view, cart, purchase], count: { exactly: 1 } } }
        """,
    ];
}
