using CohortPipeline.Backtest;
using CohortPipeline.Rules.Definitions;
using Xunit;

namespace CohortPipeline.Tests.Unit.Backtest;

/// <summary>Test files of cohorts, the specification's own first.</summary>
public sealed class CohortTestRunTests
{
    private const string HighIntent = """
        id: high-intent
        name: High intent shoppers
        where:
          all:
            - did: { event: product_viewed, where: { category: { in: [shoes, bags] } }, count: { at_least: 3 }, within: 7d }
            - not: { did: { event: order_completed, within: 7d } }
            - property: { name: plan, is: pro }
        """;

    private const string Cases = """
        cohorts: [high-intent.yaml]
        cases:
          - name: enters at the third view, leaves when the first one is a week old
            records:
              - { at: 2026-03-01T10:00:00Z, user: ada, event: product_viewed, properties: { category: shoes } }
              - { at: 2026-03-01T10:00:00Z, user: ada, identify: { plan: pro } }
              - { at: 2026-03-02T10:00:00Z, user: ada, event: product_viewed, properties: { category: bags } }
              - { at: 2026-03-03T10:00:00Z, user: ada, event: product_viewed, properties: { category: bags } }
              - { at: 2026-03-09T00:00:00Z, advance: true }
            deltas:
              - { at: 2026-03-03T10:00:00.000Z, user: ada, cohort: high-intent, change: enter }
              - { at: 2026-03-08T10:00:00.000Z, user: ada, cohort: high-intent, change: exit, reason: schedule }
        """;

    [Fact]
    public void The_example_of_the_specification_passes() => Assert.True(Run(Cases).Passed);

    [Fact]
    public void A_difference_shows_what_was_expected_and_what_came_among_what_agreed() => Assert.Equal(
        [
            "  at: 2026-03-03T10:00:00.000Z, user: ada, cohort: high-intent, change: enter, reason: event",
            "- at: 2026-03-08T09:00:00.000Z, user: ada, cohort: high-intent, change: exit, reason: schedule",
            "+ at: 2026-03-08T10:00:00.000Z, user: ada, cohort: high-intent, change: exit, reason: schedule",
        ],
        Run(Cases.Replace("08T10:00", "08T09:00", StringComparison.Ordinal)).Differences);

    [Fact]
    public void Time_stands_still_without_a_record_or_an_advance() => Assert.Equal(
        ["  at: 2026-03-03T10:00:00.000Z, user: ada, cohort: high-intent, change: enter, reason: event", "- at: 2026-03-08T10:00:00.000Z, user: ada, cohort: high-intent, change: exit, reason: schedule"],
        Run(Cases.Replace("      - { at: 2026-03-09T00:00:00Z, advance: true }\n", "", StringComparison.Ordinal)).Differences);

    [Fact]
    public void Only_the_fields_that_are_given_are_compared()
    {
        Assert.True(Run(Cases.Replace("change: enter }", "version: 1, part: 1, entered_at: 2026-03-03T11:00:00+01:00, properties: {} }", StringComparison.Ordinal).Replace(", properties: {} }", " }", StringComparison.Ordinal)).Passed);
        Assert.False(Run(Cases.Replace("change: enter }", "version: 2 }", StringComparison.Ordinal)).Passed);
    }

    [Fact]
    public void Every_field_of_a_record_reaches_the_rules() => Assert.True(Run("""
        cohorts:
          - id: all-of-it
            export_properties: [plan]
            where:
              all:
                - did: { event: view, where: { $platform: web, v: 1 }, count: { exactly: 1 } }
                - property: { name: plan, is: pro }
        cases:
          - name: one event, sent twice
            records:
              - { at: 2026-03-01T10:00:00Z, time: 2026-03-01T09:00:00Z, user: ada, device: phone, event: view, insert_id: one, properties: { v: 1 }, user_properties: { plan: pro }, context: { platform: web } }
              - { at: 2026-03-01T10:00:01Z, time: 2026-03-01T09:00:00Z, user: ada, event: view, insert_id: one, properties: { v: 1 }, context: { platform: web } }
              - { at: 2026-03-01T10:00:02Z, device: tablet, event: view }
            deltas:
              - { at: 2026-03-01T10:00:00Z, user: ada, device: phone, cohort: all-of-it, change: enter, properties: { plan: pro } }
        """).Passed);

    [Fact]
    public void A_record_that_ingest_refuses_fails_the_case_with_its_line() => Assert.StartsWith(
        "the record in line 5 is none: unknown_shape",
        Assert.Single(Run("""
            cohorts: [high-intent.yaml]
            cases:
              - name: nobody
                records:
                  - { at: 2026-03-01T10:00:00Z, event: product_viewed }
                deltas: []
            """).Differences),
        StringComparison.Ordinal);

    [Fact]
    public void All_errors_of_a_file_are_reported_with_their_places()
    {
        var errors = CohortTestReader.Read("""
            cohorts: [none.yaml]
            cases:
              - name: wrong
                records:
                  - { at: yesterday, user: ada, evnt: view }
                  - { at: 2026-03-01, advance: maybe }
                deltas:
                  - { chagne: enter }
              - records: []
            """, "a.cohort-test.yaml", _ => throw new IOException("there is no none.yaml")).Errors.Select(error => error.ToString());
        Assert.Equal(
            [
                "a.cohort-test.yaml:1:11: cohorts[0]: found there is no none.yaml, expected a file or folder of definitions, from this file's folder",
                "a.cohort-test.yaml:5:9: cases[0].records[0]: found an object, expected exactly one of `event`, `identify` and `advance`",
                "a.cohort-test.yaml:5:15: cases[0].records[0].at: found the text \"yesterday\", expected an instant such as 2026-03-01T10:00:00Z, or a date (UTC)",
                "a.cohort-test.yaml:5:37: cases[0].records[0]: found `evnt`, expected one of `at`, `user`, `device`, `event`, `identify`, `advance`, `time`, `insert_id`, `properties`, `user_properties`, `context`; did you mean `event`?",
                "a.cohort-test.yaml:6:36: cases[0].records[1].advance: found the text \"maybe\", expected `advance: true` beside `at` alone",
                "a.cohort-test.yaml:8:11: cases[0].deltas[0]: found `chagne`, expected one of `at`, `user`, `device`, `cohort`, `change`, `reason`, `cohort_name`, `definition_version`, `delta_id`, `amplitude_id`, `entered_at`, `exited_at`, `computed_at`, `first_seen_at`, `version`, `part`, `parts`, `properties`; did you mean `change`?",
                "a.cohort-test.yaml:9:5: cases[1]: found no `name`, expected a case: an object with `name`, `records` and `deltas`",
                "a.cohort-test.yaml:9:5: cases[1]: found no `deltas`, expected a case: an object with `name`, `records` and `deltas`",
            ],
            errors);
    }

    private static CohortTestResult Run(string text)
    {
        var reading = CohortTestReader.Read(text, "a.cohort-test.yaml", path => [DefinitionParser.Parse(path == "high-intent.yaml" ? HighIntent : "", path)]);
        Assert.Empty(reading.Errors);
        return Assert.Single(CohortTestRun.Run(reading.File!));
    }
}
