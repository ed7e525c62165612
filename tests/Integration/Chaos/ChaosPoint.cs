namespace CohortPipeline.Tests.Integration.Chaos;

/// <summary>What is done to a running pipeline.</summary>
internal enum ChaosKind
{
    /// <summary>kill -9, and a start.</summary>
    Kill,

    /// <summary>While the request that commits is on its way: it gets lost, arrives, or arrives when the next life has begun.</summary>
    KillInCommit,

    /// <summary>The broker has decided the commit, and its markers are not written until the next life has asked.</summary>
    KillBeforeMarkers,

    /// <summary>While what the evaluator restores from is on its way.</summary>
    KillInRestore,

    /// <summary>While a definition changes: control-api before it has answered, or an evaluator that applies it.</summary>
    KillInDefinitionChange,

    /// <summary>SIGSTOP for longer than the group waits for a member, then SIGCONT.</summary>
    Freeze,

    /// <summary>The broker has committed, and nobody hears of it: the connection breaks, or no answer comes until the client gives up.</summary>
    LoseAnswer,

    /// <summary>Connections of one service or of all are reset or half-closed.</summary>
    CutConnections,

    /// <summary>Slow and late for some seconds.</summary>
    BadNetwork,

    /// <summary>kill -9 of the broker, and a start.</summary>
    KillBroker,

    /// <summary>A new instance of the same ordinal is up before the old one is killed.</summary>
    Replace,

    /// <summary>One evaluator becomes three and then two; two become one.</summary>
    Scale,
}

/// <summary>One point of a run.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Instance">Which of the service's.</param>
/// <param name="Seed">Decides the rest: how long, which way, and whether the next point waits until the service is ready again.</param>
internal sealed record ChaosPoint(int Number, ChaosKind Kind, string Service, int Instance, int Seed)
{
    public override string ToString() => $"{Number}. {Kind} {Service}-{Instance}";
}
