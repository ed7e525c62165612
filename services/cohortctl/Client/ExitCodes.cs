namespace CohortPipeline.CohortCtl;

/// <summary>Exit codes of the command line.</summary>
internal static class ExitCodes
{
    public const int Done = 0;

    /// <summary>The pipeline refused, a file has errors, or a run failed.</summary>
    public const int Refused = 1;

    /// <summary>The command line itself is wrong.</summary>
    public const int Usage = 2;

    /// <summary>No control-api answers.</summary>
    public const int NotReachable = 3;
}
