using CohortPipeline.Rules.Definitions;

namespace CohortPipeline.TestKit.Workload;

/// <summary>Ten cohorts of the kinds that people write: counts in rolling windows with filters, properties, both, and one of absence.</summary>
public static class WorkloadCohorts
{
    public const string Text = """
        id: pro
        export_properties: [plan, city]
        where: { property: { name: plan, is: pro } }
        ---
        id: pro-big-buyers
        export_properties: [plan, city]
        where: { all: [{ property: { name: plan, is: pro } }, { did: { event: order_completed, where: { value: { at_least: 475 } }, within: 1d } }] }
        ---
        id: big-buyers
        where: { did: { event: order_completed, where: { value: { at_least: 475 } }, within: 1d } }
        ---
        id: lookers
        where: { did: { event: product_viewed, count: { at_least: 8 }, within: 1d } }
        ---
        id: shoes-and-bags
        where: { did: { event: product_viewed, where: { category: { in: [shoes, bags] } }, count: { at_least: 4 }, within: 1d } }
        ---
        id: full-cart
        where: { did: { event: cart_added, where: { value: { at_least: 490 } }, within: 1h } }
        ---
        id: searchers
        where: { did: { event: searched, count: { at_least: 4 }, within: 6h } }
        ---
        id: regulars
        where: { did: { event: order_completed, count: { at_least: 5 }, within: 7d } }
        ---
        id: berlin-shoes
        export_properties: [city]
        where: { all: [{ property: { name: city, is: berlin } }, { did: { event: order_completed, where: { category: shoes }, within: 12h } }] }
        ---
        id: gone-quiet
        where: { not: { did: { event: "*", within: 2d } } }
        """;

    public static IReadOnlyList<CohortDefinition> All()
    {
        var parsed = DefinitionParser.Parse(Text, "benchmark");
        return parsed.IsAccepted ? parsed.Definitions : throw new InvalidOperationException(string.Join('\n', parsed.Errors));
    }
}
