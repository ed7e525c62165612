namespace CohortPipeline.TestKit;

/// <summary>An assembly fixture that prints, when the run is over, which real parts it had.</summary>
public sealed class RealPartsReport : IDisposable
{
    /// <summary>Begins each line, for whoever sums several runs up.</summary>
    public const string LinePrefix = "real part ";

    public void Dispose()
    {
        foreach (var line in RealParts.Lines())
            Console.WriteLine(LinePrefix + line);
    }
}
