namespace CohortPipeline.TestKit.Oracle;

/// <summary>Makes up definitions over the parts of the language that it is given.</summary>
/// <param name="countsMany">Whether bounds of counts lie where one more event takes one more byte to store their number, too.</param>
internal sealed class RandomDefinitions(Random random, RandomTimes times, LanguageFeatures features, bool countsMany = false)
{
    private const int DepthMax = 3;

    private readonly List<string> _usedClauses = [];

    /// <param name="id">The definition's id.</param>
    /// <param name="others">Cohorts that it may name.</param>
    /// <param name="named">Those that it names.</param>
    public string Next(string id, IReadOnlyList<string> others, out IReadOnlySet<string> named)
    {
        var names = new HashSet<string>();
        named = names;
        var exported = Chance(50) ? $",\"export_properties\":{Pick("[\"plan\"]", "[\"score\",\"tags\"]", "[\"*\"]")}" : "";
        var name = Chance(30) ? $",\"name\":\"Cohort {id} {random.Next(10)}\"" : "";
        var zone = Chance(80) ? $",\"time_zone\":\"{times.Zone}\"" : "";
        return $$"""{"id":"{{id}}"{{name}}{{exported}}{{zone}},"where":{{Clause(DepthMax, others, names)}}}""";
    }

    /// <summary>A clause; sometimes one that another definition had, so that its behaviors are shared and outlive a change.</summary>
    private string Clause(int depth, IReadOnlyList<string> others, HashSet<string> named)
    {
        if (others.Count > 0 && Has(LanguageFeatures.InCohort) && Chance(12))
        {
            var other = others[random.Next(others.Count)];
            named.Add(other);
            return $$"""{"in_cohort":"{{other}}"}""";
        }

        if (_usedClauses.Count > 0 && Chance(25))
            return Pick(_usedClauses.ToArray());
        var kind = random.Next(depth > 0 ? 12 : 8);
        if (kind < 8)
        {
            var leaf = kind switch
            {
                < 5 => Did(),
                5 => Has(LanguageFeatures.Sequences) ? Sequence() : Did(),
                _ => Property(),
            };
            _usedClauses.Add(leaf);
            return leaf;
        }

        return kind switch
        {
            8 => $$"""{"not":{{Clause(depth - 1, others, named)}}}""",
            < 11 => $$"""{"all":[{{Clause(depth - 1, others, named)}},{{Clause(depth - 1, others, named)}}]}""",
            _ => $$"""{"any":[{{Clause(depth - 1, others, named)}},{{Clause(depth - 1, others, named)}}]}""",
        };
    }

    private string Did() => $"{{\"did\":{{{Selection()}{Range(calendars: true)}{Measure()}}}}}";

    private string Selection()
    {
        var types = countsMany ? "\"*\"" : Pick("\"view\"", "\"cart\"", "\"buy\"", "[\"view\",\"cart\"]", "\"*\"");
        return $"\"event\":{types}{(Chance(countsMany ? 10 : 35) ? $",\"where\":{Filter()}" : "")}";
    }

    private string Range(bool calendars)
    {
        if (calendars && Has(LanguageFeatures.Calendar) && Chance(20))
            return $$""","calendar":{"{{Pick("days", "days", "weeks", "months")}}":{{random.Next(1, 4)}}}""";
        if (Has(LanguageFeatures.FixedRanges) && Chance(20))
        {
            var (from, to) = times.Interval();
            return Chance(50) ? $",\"since\":\"{times.InstantText()}\"" : $$""","between":["{{from}}","{{to}}"]""";
        }

        return Chance(countsMany ? 25 : 75) ? $",\"within\":\"{times.Duration()}\"" : "";
    }

    private string Measure()
    {
        switch (random.Next(10))
        {
            case 0 when Has(LanguageFeatures.Days):
                return $",\"days\":{{{CountBound()}}}";
            case 1 or 2 when Has(LanguageFeatures.Distinct):
                return $$""","distinct":{"of":"{{Pick("category", "price", "products.sku", "$platform", "/products/0/sku")}}",{{CountBound()}}}""";
            case 3 or 4 when Has(LanguageFeatures.Numbers):
                return $$""","{{Pick("sum", "avg", "min", "max")}}":{"of":"{{Pick("price", "price", "cart.total")}}",{{NumberBound()}}}""";
            case 5 when Has(LanguageFeatures.Nth):
                return $",\"nth\":{1 + Counted()}";
            case < 8:
                return $",\"count\":{{{CountBound()}}}";
            default:
                return "";
        }
    }

    private string CountBound()
    {
        var operand = Counted();
        return Pick("at_least", "at_most", "more_than", "less_than", "exactly", "between") switch
        {
            "between" => $"\"between\":[{operand},{operand + random.Next(3)}]",
            var name => $"\"{name}\":{operand}",
        };
    }

    private int Counted() => (countsMany ? Pick(0, 14, 30) : 0) + random.Next(4);

    private string NumberBound()
    {
        var operand = Pick("-1", "0", "1", "1.5", "2", "2.25", "3", "4.5", "0.123456789");
        return Pick("at_least", "at_most", "more_than", "less_than", "exactly", "between") switch
        {
            "between" => $"\"between\":[{operand},5]",
            var name => $"\"{name}\":{operand}",
        };
    }

    private string Sequence()
    {
        var count = random.Next(2, 4);
        var steps = new List<string>();
        for (var i = 0; i < count; i++)
        {
            var within = i > 0 && Chance(50) ? $",\"within\":\"{times.Duration()}\"" : "";
            steps.Add(i > 0 && i == count - 1 && Chance(40)
                ? $"{{\"not\":{{{Selection()}}},\"within\":\"{times.Duration()}\"}}"
                : $"{{{Selection()}{within}}}");
        }

        var span = Chance(25) ? $",\"span\":\"{times.Duration()}\"" : "";
        return $"{{\"sequence\":{{\"steps\":[{string.Join(',', steps)}]{span}{Range(calendars: false)}}}}}";
    }

    private string Property()
    {
        if (Has(LanguageFeatures.TimedProperties) && Chance(35))
        {
            var test = Pick("in_last", "in_next", "before", "after");
            var operand = test.StartsWith("in", StringComparison.Ordinal) ? times.Duration() : Chance(60) ? "now" : times.InstantText();
            return $$$"""{"property":{"name":"{{{Pick("at", "at", "at", "score")}}}","{{{test}}}":"{{{operand}}}"}}""";
        }

        var (name, tests) = Chance(50)
            ? Pick(
                ("plan", "\"is\":\"pro\""),
                ("plan", "\"not_in\":[\"pro\",\"trial\"]"),
                ("plan", "\"exists\":true"),
                ("score", "\"at_least\":2"),
                ("score", "\"less_than\":3,\"more_than\":0"),
                ("tags", "\"in\":[\"x\",1]"),
                ("tags", "\"exists\":false"),
                ("address.city", "\"is\":\"Berlin\""))
            : (Pick("plan", "score", "tags", "address.city", "address"), Operators());
        return Has(LanguageFeatures.EverWas) && Chance(25)
            ? $"{{\"property\":{{\"name\":\"{name}\",\"ever_was\":{{{tests}}}}}}}"
            : $"{{\"property\":{{\"name\":\"{name}\",{tests}}}}}";
    }

    private string Filter() => Chance(50)
        ? Pick(
            """{"category":"shoes"}""",
            """{"category":["shoes",2]}""",
            """{"category":{"is_not":"shoes"}}""",
            """{"price":{"at_least":2}}""",
            """{"price":{"between":[1,2.5]},"category":{"exists":true}}""",
            """{"price":{"exists":false}}""",
            """{"products.sku":{"in":["x","1"]}}""",
            """{"cart.total":{"more_than":1,"less_than":3}}""",
            """{"/products/0/sku":"x"}""",
            """{"$platform":"web"}""",
            """{"any":[{"category":"shoes"},{"price":{"less_than":2}}]}""",
            """{"not":{"category":{"not_in":["shoes","bags"]}}}""")
        : $"{{{Test()}}}";

    private string Test() => $"\"{Pick("category", "category", "price", "products", "products.sku", "products.sku", "products.parts.k", "cart.total", "cart", "$platform")}\":{{{Operators()}}}";

    /// <summary>The members of one test.</summary>
    private string Operators() => random.Next(12) switch
    {
        0 or 1 when Has(LanguageFeatures.TextOperators) =>
            $"\"{Pick("contains", "not_contains", "starts_with", "ends_with")}\":{Pick("\"o\"", "\"SH\"", "\"S\"", "\"S\"", "\"1\"", "\".0\"", "\"true\"", "\"\\u00df\"", "\"\\ud83d\\ude00\"")}{IgnoreCase()}",
        2 when Has(LanguageFeatures.Expressions) =>
            $"\"matches\":{Pick("\"^s\"", "\"o+e\"", "\"S$\"", "\"^$\"", "\"^[0-9.]+$\"", "\"\\\\bx\\\\b\"", "\"\\u00df|\\u20ac\"")}{IgnoreCase()}",
        3 or 4 when Has(LanguageFeatures.Has) =>
            $"\"has\":{Pick("""{"sku":"x"}""", """{"sku":"x","price":{"at_least":2}}""", """{"city":{"exists":true}}""", """{"any":[{"sku":1},{"total":2}]}""", """{"not":{"sku":"x"}}""", """{"parts.k":1}""")}",
        5 => $"\"{Pick("less_than", "at_most", "more_than", "at_least")}\":{Pick("0", "1", "2", "2.5", "1e0", "79228162514264337593543950335", "-79228162514264337593543950335")}",
        6 => $"\"between\":[{Pick("-1", "1", "-79228162514264337593543950335")},{Pick("1", "2.5")}]",
        7 => $"\"exists\":{Pick("true", "false")}",
        < 10 => $"\"{Pick("is", "is_not")}\":{RandomValues.Scalar(random)}{(Has(LanguageFeatures.TextOperators) ? IgnoreCase() : "")}",
        _ => $"\"{Pick("in", "not_in")}\":[{RandomValues.Scalar(random)},{RandomValues.Scalar(random)}]{(Has(LanguageFeatures.TextOperators) ? IgnoreCase() : "")}",
    };

    private string IgnoreCase() => Chance(50) ? ",\"ignore_case\":true" : "";

    private bool Has(LanguageFeatures feature) => (features & feature) != 0;

    private bool Chance(int percent) => random.Next(100) < percent;

    private T Pick<T>(params T[] choices) => choices[random.Next(choices.Length)];
}
