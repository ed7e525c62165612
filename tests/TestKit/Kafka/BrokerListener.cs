namespace CohortPipeline.TestKit.Kafka;

/// <summary>One more address of a broker.</summary>
/// <param name="Name">In capital letters.</param>
/// <param name="Port">Where it listens.</param>
/// <param name="AdvertisedPort">What it tells whoever connects there: that of a proxy before it.</param>
/// <param name="IsBetweenBrokers">The broker itself connects to it too: it writes the markers of transactions so.</param>
public sealed record BrokerListener(string Name, int Port, int AdvertisedPort, bool IsBetweenBrokers = false);
