using System.Globalization;

namespace CohortPipeline.Tests.Integration.Chaos;

/// <summary>What a run of chaos is asked for.</summary>
/// <param name="Seed">The same seed draws the same points.</param>
/// <param name="StagePoints">After so many points everything is compared, and a new pipeline begins.</param>
/// <param name="Protocol">The groups' protocol, <c>classic</c> or <c>consumer</c> (KIP-848); null: stages take turns.</param>
internal sealed record ChaosOptions(int Seed, int Points, int StagePoints, string? Protocol)
{
    public const string ClassicProtocol = "classic";
    public const string ConsumerProtocol = "consumer";

    private const int DefaultPoints = 200;
    private const int DefaultStagePoints = 20;

    /// <summary>From <c>SEED</c>, <c>POINTS</c> and <c>PROTOCOL</c>.</summary>
    public static ChaosOptions FromEnvironment()
    {
        var protocol = Environment.GetEnvironmentVariable("PROTOCOL");
        if (protocol is not (null or "" or ClassicProtocol or ConsumerProtocol))
            throw new ArgumentException($"PROTOCOL is {ClassicProtocol} or {ConsumerProtocol}, not {protocol}");
        return new(Number("SEED", 1), Number("POINTS", DefaultPoints), DefaultStagePoints, string.IsNullOrEmpty(protocol) ? null : protocol);
    }

    /// <summary>The protocol of a stage, from 0.</summary>
    public string ProtocolOf(int stage) => Protocol ?? (stage % 2 == 0 ? ClassicProtocol : ConsumerProtocol);

    private static int Number(string name, int otherwise)
    {
        var text = Environment.GetEnvironmentVariable(name);
        if (string.IsNullOrEmpty(text))
            return otherwise;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new ArgumentException($"{name} is a number from 0, not {text}");
    }
}
