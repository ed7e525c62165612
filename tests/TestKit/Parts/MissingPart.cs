using Xunit.v3;

namespace CohortPipeline.TestKit;

/// <summary>Ends a test as skipped: a real part that it needs is not on this machine.</summary>
public static class MissingPart
{
    public static void SkipWithout(string part, string? whyNot)
    {
        if (whyNot is not null)
            throw new PartMissingException($"{DynamicSkipToken.Value}needs {part}: {whyNot}");
    }

    private sealed class PartMissingException(string message) : Exception(message);
}
