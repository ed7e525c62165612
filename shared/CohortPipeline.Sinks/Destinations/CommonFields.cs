using System.Text;
using System.Text.RegularExpressions;

namespace CohortPipeline.Sinks;

/// <summary>The fields that all destinations share, and the words of their values.</summary>
internal static partial class CommonFields
{
    private const int CohortsMax = 10_000;
    private const int PropertyNameBytesMax = 1_024;

    public static readonly (string, Cadence)[] Cadences = [("real_time", Cadence.RealTime), ("hourly", Cadence.Hourly), ("daily", Cadence.Daily)];

    public static readonly (string, TraceContextMode)[] TraceContexts = [("off", TraceContextMode.Off), ("field", TraceContextMode.Field)];

    public static string Id(FieldReader fields) =>
        fields.Text("id", IdPattern(), "1 to 64 of a-z, 0-9, `_` and `-`, the first a letter or digit", required: true) ?? "";

    public static CohortSelection Cohorts(FieldReader fields, string name = "cohorts")
    {
        var ids = fields.Texts(name, CohortsMax, "ids of cohorts, or \"*\" alone", id => id == CohortSelection.Star || IdPattern().IsMatch(id), required: true) ?? [];
        if (ids.Count == 0)
        {
            if (fields.Has(name))
                fields.Error(name, "names no cohort; [\"*\"] stands for all");
            return CohortSelection.None;
        }

        if (!ids.Contains(CohortSelection.Star))
            return CohortSelection.Of(ids);
        if (ids.Count > 1)
            fields.Error(name, "\"*\" stands alone: it is every cohort");
        return CohortSelection.All;
    }

    public static string? Region(FieldReader fields, bool required) =>
        fields.Text("region", RegionPattern(), "an AWS region such as us-west-2", required);

    public static DestinationEndpoint? Endpoint(FieldReader fields)
    {
        const string expected = "http://…, https://… or file:<folder>";
        if (fields.Text("endpoint", expected: expected) is not { } text)
            return null;
        if (!DestinationEndpoint.TryParse(text, out var endpoint))
            fields.Error("endpoint", $"found \"{text}\", expected {expected}");
        return endpoint;
    }

    public static TraceContextMode TraceContext(FieldReader fields) => fields.Choice("trace_context", TraceContextMode.Off, TraceContexts);

    public static bool IsPropertyName(string name) => name.Length > 0 && Encoding.UTF8.GetByteCount(name) <= PropertyNameBytesMax;

    /// <summary>Also what a cohort's id looks like (<c>docs/spec/cohorts.md</c> §1).</summary>
    [GeneratedRegex("^[a-z0-9][a-z0-9_-]{0,63}\\z")]
    private static partial Regex IdPattern();

    [GeneratedRegex("^[a-z]{2}[a-z0-9-]{1,30}\\z")]
    private static partial Regex RegionPattern();
}
