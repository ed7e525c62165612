using CohortPipeline.Tests.Integration.EndToEnd;

namespace CohortPipeline.Tests.Integration.Chaos;

/// <summary>Draws the points of a run from its seed: every twenty of them have each kind, in an order of their own.</summary>
internal static class ChaosPlan
{
    private const int EvaluatorsMax = 3;

    private static readonly (ChaosKind Kind, string? Service)[] Deck =
    [
        (ChaosKind.Kill, KafkaServices.Evaluator),
        (ChaosKind.Kill, KafkaServices.EventIngest),
        (ChaosKind.Kill, KafkaServices.IdentifyIngest),
        (ChaosKind.Kill, KafkaServices.KinesisSink),
        (ChaosKind.Kill, KafkaServices.S3Sink),
        (ChaosKind.KillInCommit, KafkaServices.Evaluator),
        (ChaosKind.KillInCommit, KafkaServices.EventIngest),
        (ChaosKind.KillInCommit, null),
        (ChaosKind.KillBeforeMarkers, KafkaServices.Evaluator),
        (ChaosKind.KillBeforeMarkers, KafkaServices.EventIngest),
        (ChaosKind.KillInRestore, KafkaServices.Evaluator),
        (ChaosKind.KillInDefinitionChange, null),
        (ChaosKind.Freeze, KafkaServices.Evaluator),
        (ChaosKind.Freeze, null),
        (ChaosKind.LoseAnswer, null),
        (ChaosKind.CutConnections, null),
        (ChaosKind.BadNetwork, null),
        (ChaosKind.KillBroker, null),
        (ChaosKind.Replace, null),
        (ChaosKind.Scale, KafkaServices.Evaluator),
    ];

    /// <summary>The services that run lanes.</summary>
    public static IReadOnlyList<string> Lanes { get; } = [KafkaServices.Evaluator, KafkaServices.EventIngest, KafkaServices.IdentifyIngest];

    private static readonly string[] Committing = [.. Lanes, KafkaServices.KinesisSink, KafkaServices.S3Sink];

    /// <summary>The points of each stage; a stage begins with one evaluator.</summary>
    public static IReadOnlyList<IReadOnlyList<ChaosPoint>> Draw(int seed, int points, int stagePoints)
    {
        var random = new Random(seed);
        var drawn = new List<ChaosPoint>(points);
        var deck = new Queue<(ChaosKind Kind, string? Service)>();
        var evaluators = 1;
        for (var number = 1; number <= points; number++)
        {
            if ((number - 1) % stagePoints == 0)
                evaluators = 1;
            if (deck.Count == 0)
            {
                var cards = Deck.ToArray();
                random.Shuffle(cards);
                deck = new(cards);
            }

            var (kind, given) = deck.Dequeue();
            var service = given ?? Pick(ServicesOf(kind), random);
            var instance = service == KafkaServices.Evaluator ? random.Next(evaluators) : 0;
            drawn.Add(new(number, kind, service, instance, random.Next()));
            if (kind == ChaosKind.Scale)
                evaluators = evaluators == 1 ? EvaluatorsMax - 1 : 1;
        }

        return [.. drawn.Chunk(stagePoints)];
    }

    private static string[] ServicesOf(ChaosKind kind) => kind switch
    {
        ChaosKind.KillInCommit => Committing,
        ChaosKind.KillInDefinitionChange => [KafkaServices.ControlService, KafkaServices.Evaluator],
        ChaosKind.LoseAnswer => [.. Lanes],
        // A destination that is a file has one writer at a time.
        ChaosKind.Replace => [.. Lanes, KafkaServices.S3Sink],
        _ => [.. KafkaServices.All],
    };

    private static string Pick(string[] choices, Random random) => choices[random.Next(choices.Length)];
}
