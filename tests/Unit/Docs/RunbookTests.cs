using System.Text.RegularExpressions;
using CohortPipeline.Contracts;
using CohortPipeline.TestKit;
using Xunit;

namespace CohortPipeline.Tests.Unit.Docs;

/// <summary>Whatever an operator can be shown has its line in the runbook.</summary>
public sealed partial class RunbookTests
{
    /// <summary>Where codes come from that a parked destination is shown with.</summary>
    private static readonly string[] SourcesOfCodes =
    [
        "shared/CohortPipeline.Sinks.Kinesis/Sending/Failures.cs",
        "shared/CohortPipeline.Sinks.Kinesis/Sending/KinesisSender.cs",
        "shared/CohortPipeline.Sinks.Kinesis/Running/RequestsInFlight.cs",
        "shared/CohortPipeline.Sinks.S3/Objects/S3Errors.cs",
        "shared/CohortPipeline.Sinks.S3/Objects/FileObjectStore.cs",
        "shared/CohortPipeline.Sinks.S3/Objects/StoreAnswer.cs",
        "shared/CohortPipeline.Sinks.S3/Publishing/ObjectUploader.cs",
    ];

    private static readonly string Runbook = Read("docs/runbook.md");

    public static TheoryData<string> DeadLetters => [.. Enum.GetValues<DeadLetterReason>().Where(reason => reason != DeadLetterReason.None).Select(DeadLetterReasons.Name)];

    public static TheoryData<string> Codes =>
    [
        .. SourcesOfCodes.SelectMany(source => Code().Matches(Comment().Replace(Read(source), "")).Select(code => code.Groups[1].Value)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    /// <summary>What does not add up: the messages that an S3 destination is parked with.</summary>
    public static TheoryData<string> Invariants =>
    [
        .. Directory.EnumerateFiles(Repository.PathOf("shared", "CohortPipeline.Sinks.S3"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .SelectMany(file => Invariant().Matches(File.ReadAllText(file)).Select(message => message.Groups[1].Value)),
    ];

    [Theory]
    [MemberData(nameof(DeadLetters))]
    public void Each_dead_letter_reason_has_a_line(string reason) => Assert.Matches($@"(?m)^\| `{reason}` \| [^|]+ \| [^|]+ \|$", Runbook);

    [Theory]
    [MemberData(nameof(Codes))]
    public void Each_code_that_a_destination_can_be_parked_with_has_a_line(string code) => Assert.Matches($@"(?m)^\|[^|]*`{code}`[^|]*\| [^|]+ \| [^|]+ \|$", Runbook);

    [Theory]
    [MemberData(nameof(Invariants))]
    public void Each_message_of_a_destination_that_does_not_add_up_has_a_line(string message) =>
        Assert.Contains(FirstCell().Matches(Runbook).SelectMany(row => Quoted().Matches(row.Value)), phrase => message.Contains(phrase.Groups[1].Value, StringComparison.Ordinal));

    private static string Read(string path) => File.ReadAllText(Repository.PathOf(path.Split('/')));

    [GeneratedRegex("\"([A-Z][A-Za-z0-9]{3,})\"")]
    private static partial Regex Code();

    [GeneratedRegex("//.*")]
    private static partial Regex Comment();

    [GeneratedRegex("throw new (?:SyncInvariantException|InvalidDataException)\\(\\$?\"(.+)\"")]
    private static partial Regex Invariant();

    [GeneratedRegex("(?m)^\\| [^|]+")]
    private static partial Regex FirstCell();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();
}
