namespace CohortPipeline.TestKit.SimulatedKafka.Groups;

/// <summary>How a group hands partitions over.</summary>
public enum GroupProtocol
{
    /// <summary>Everybody gives everything up, then everybody gets a share.</summary>
    Eager,

    /// <summary>Only what moves is given up; positions are taken from the newest generation alone.</summary>
    Cooperative,

    /// <summary>As cooperative, on the broker's side (KIP-848): positions of partitions that are still owned are taken from an older generation, too.</summary>
    Consumer,
}
