namespace CohortPipeline.CohortCtl.Demo;

/// <summary>What the demo runs on.</summary>
internal sealed record DemoOptions(string? Input, string? Map, string? Cohorts, int Seed)
{
    /// <summary>How long the shop is open; together with the windows that slide past afterwards the demo stays under a minute.</summary>
    public static readonly TimeSpan ShopLength = TimeSpan.FromSeconds(22);

    public bool IsShop => Input is null;

    /// <summary>Definitions to apply: those given, else our own for the shop or for a file of shop events.</summary>
    public string CohortsPath => Cohorts ?? Path.Combine(Definitions, IsShop ? "cohorts" : "file-cohorts");

    public static string DestinationsPath => Path.Combine(Definitions, "destinations");

    private static string Definitions => Path.Combine(AppContext.BaseDirectory, "demo");
}
