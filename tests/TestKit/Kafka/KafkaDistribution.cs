namespace CohortPipeline.TestKit.Kafka;

/// <summary>A Kafka distribution on this machine: its jars, and a Java to run them.</summary>
public sealed record KafkaDistribution(string Home)
{
    private const string HomeVariable = "KAFKA_HOME";

    public string ClassPath => Path.Combine(Home, "libs", "*");

    /// <summary>Looks at <c>KAFKA_HOME</c>, then beside the repository; null with the reason if there is none that can run.</summary>
    public static KafkaDistribution? Find(out string whyNot)
    {
        var home = Environment.GetEnvironmentVariable(HomeVariable);
        if (string.IsNullOrEmpty(home))
            home = Repository.BesideOrNull("kafka") ?? "";

        whyNot = "";
        if (!Directory.Exists(Path.Combine(home, "libs")))
            whyNot = $"no distribution at {(home.Length == 0 ? "../shared/kafka" : home)} ({HomeVariable} says where one is)";
        else if (!IsOnPath("java"))
            whyNot = "no java on the PATH (17 or newer is needed)";
        return whyNot.Length == 0 ? new KafkaDistribution(home) : null;
    }

    private static bool IsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));
}
