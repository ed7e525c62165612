namespace CohortPipeline.Sinks;

/// <summary>Values of <c>identifier_field</c> that are no profile property.</summary>
public static class IdentifierFields
{
    public const string UserId = "user_id";
    public const string DeviceId = "device_id";
    public const string AmplitudeId = "amplitude_id";

    internal const string Words = $"{UserId}, {DeviceId} and {AmplitudeId}";

    /// <summary>False for the name of a profile property, which only cohorts that export it carry.</summary>
    public static bool IsOfEveryRecord(string name) => name is UserId or DeviceId or AmplitudeId;
}
