namespace CohortPipeline.TestKit.Oracle;

/// <summary>Values of properties, of every JSON type, as JSON. There are few of them, so that they are often equal.</summary>
internal static class RandomValues
{
    private static readonly string[] Scalars =
    [
        "\"shoes\"", "\"shoes\"", "\"Shoes\"", "\"bags\"", "\"x\"", "\"pro\"", "\"1\"", "\"1.0\"", "\"-1\"", "\"true\"", "\"stra\\u00dfe\"", "\"STRASSE\"",
        "\"Sch\\u00f6n \\u20ac \\ud83d\\ude00 \\\"quoted\\\" \\\\ /\"",
        "1", "1", "1.0", "1e0", "2", "2.50", "-1", "0", "-0.0", "3", "0.1234567885", "79228162514264337593543950335", "79228162514264337593543950336", "1e400", "999999999999999", "1e15",
        "true", "false",
    ];

    private static readonly string[] Others =
    [
        "null", "[]", "{}", "[\"shoes\"]", "[1,\"shoes\",null,[\"bags\"],{\"sku\":\"x\"}]", "[[\"shoes\"]]", "[2,3]", "{\"sku\":\"x\",\"price\":2}", "{\"total\":2}", "\"\"",
        "[{\"sku\":\"x\",\"price\":1},{\"sku\":\"y\",\"price\":3}]", "[{\"sku\":\"x\",\"price\":\"2.0\"},\"x\"]", "[{\"sku\":1},{\"parts\":[{\"k\":1},{\"k\":2}]}]", "[{\"sku\":null},{\"parts\":[{\"k\":\"x\"},{\"k\":null}]}]", "{\"sku\":[\"x\",\"y\"],\"parts\":{\"k\":1}}",
    ];

    public static string Scalar(Random random) => Scalars[random.Next(Scalars.Length)];

    public static string Any(Random random) => random.Next(3) > 0 ? Scalar(random) : Others[random.Next(Others.Length)];
}
