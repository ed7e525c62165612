namespace CohortPipeline.TestKit.Network;

/// <summary>How a network treats what goes over it, in both directions.</summary>
/// <param name="Delay">How long each request and each answer is on its way.</param>
/// <param name="BytesPerSecond">No more than these come through; 0: as many as there are.</param>
/// <param name="IsSilent">Nothing comes through, and nobody is told; what was sent meanwhile arrives when it is over.</param>
/// <param name="IsBroken">Connections break at the next byte.</param>
public sealed record NetworkWeather(TimeSpan Delay = default, int BytesPerSecond = 0, bool IsSilent = false, bool IsBroken = false)
{
    public static NetworkWeather Fine { get; } = new();
}
