using System.Text.RegularExpressions;
using CohortPipeline.TestKit;

namespace CohortPipeline.Tests.Integration.Shipping;

/// <summary>What the README tells a newcomer to type, and the files that it shows.</summary>
internal sealed partial class Readme
{
    private readonly string _text = File.ReadAllText(Repository.PathOf("README.md"));

    /// <summary>Every command, in blocks and in running text, without its comment.</summary>
    public IReadOnlyList<string> Commands =>
    [
        .. Blocks().Matches(_text).Where(block => block.Groups["language"].Value == "sh").SelectMany(block => block.Groups["text"].Value.Split('\n'))
            .Concat(Spans().Matches(Blocks().Replace(_text, "")).Select(span => span.Groups["text"].Value))
            .Select(line => WhiteSpace().Replace(line.Split(" #")[0], " ").Trim())
            .Where(line => line.Length > 0)
            .Distinct(),
    ];

    /// <summary>The block of JSON that shows a delta.</summary>
    public string Delta => Blocks().Matches(_text).First(block => block.Groups["language"].Value == "json").Groups["text"].Value;

    /// <summary>Writes each block that is announced by a file's name to that file.</summary>
    public void WriteFilesTo(string folder)
    {
        foreach (Match file in Files().Matches(_text))
            File.WriteAllText(Path.Combine(folder, file.Groups["name"].Value), file.Groups["text"].Value);
    }

    [GeneratedRegex("^```(?<language>\\w*)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Blocks();

    [GeneratedRegex("^`(?<name>my-[\\w.-]+)`[^\n]*:\n\n```\\w+\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Files();

    [GeneratedRegex("`(?<text>(make|\\./cohortctl|dotnet|docker|helm) [^`]+)`")]
    private static partial Regex Spans();

    [GeneratedRegex("\\s+")]
    private static partial Regex WhiteSpace();
}
