namespace CohortPipeline.CohortCtl.Demo;

/// <summary>Where the demo leaves what it made, under the current folder. A run begins with an empty one.</summary>
internal static class DemoFolder
{
    public const string Root = "demo-output";

    public static readonly string Log = Path.Combine(Root, "log");
    public static readonly string Deltas = Path.Combine(Root, "deltas.jsonl");
    public static readonly string DeadLetters = Path.Combine(Root, "dead-letters.jsonl");
    public static readonly string Kinesis = Path.Combine(Root, "kinesis");
    public static readonly string S3 = Path.Combine(Root, "s3");
    public static readonly string Journal = Path.Combine(Root, "demo.log");

    /// <summary>Removes what an earlier run made, and nothing else that lies there.</summary>
    public static void Clear()
    {
        Directory.CreateDirectory(Root);
        foreach (var folder in new[] { Log, Kinesis, S3 })
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }

        foreach (var file in new[] { Deltas, DeadLetters, Journal })
            File.Delete(file);
    }

    /// <summary>Complete syncs of the CSV destination: a manifest is written last.</summary>
    public static int Syncs() => Directory.Exists(S3) ? Directory.EnumerateFiles(S3, "*_manifest*.json", SearchOption.AllDirectories).Count() : 0;

    public static string StreamOf(string destinationId) => Path.Combine(Kinesis, $"{destinationId}.jsonl");

    public static int LinesOf(string destinationId) => File.Exists(StreamOf(destinationId)) ? File.ReadLines(StreamOf(destinationId)).Count() : 0;
}
