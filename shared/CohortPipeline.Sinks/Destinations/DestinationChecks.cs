namespace CohortPipeline.Sinks;

/// <summary>The profile properties that a cohort's deltas and membership rows carry: <c>export_properties</c> of its definition.</summary>
public sealed record ExportedProperties(IReadOnlyCollection<string> Names)
{
    /// <summary><c>["*"]</c>: every property there is.</summary>
    public bool IsAll => Names.Contains("*");

    public bool Includes(string property) => IsAll || Names.Contains(property);
}

/// <summary>What can be wrong between destinations, and between a destination and the cohorts it names.</summary>
public static class DestinationChecks
{
    /// <summary>Two S3 destinations whose files would have the same names.</summary>
    public static IEnumerable<DestinationError> Together(IEnumerable<Destination> destinations) =>
        from clash in destinations.OfType<S3Destination>().GroupBy(Place)
        where clash.Count() > 1
        let ids = string.Join(", ", clash.Select(destination => destination.Id).Order(StringComparer.Ordinal))
        select new DestinationError("", $"destinations {ids} have the same bucket, path, project_id, routing_key and require_suffix: their files would have the same names");

    /// <summary>
    /// Properties that the destination needs and a cohort it names does not export. A cohort that does not exist yet is
    /// waited for, and with every cohort a missing property is an empty value: neither is an error.
    /// </summary>
    /// <param name="destination">The destination to check.</param>
    /// <param name="exportsOf">What a cohort exports; null for one that does not exist.</param>
    public static IEnumerable<DestinationError> AgainstCohorts(Destination destination, Func<string, ExportedProperties?> exportsOf) =>
        from cohort in destination.Cohorts.Ids
        let exports = exportsOf(cohort)
        where exports is not null
        from needed in PropertiesOf(destination)
        where !exports.Includes(needed.Property)
        select new DestinationError(needed.Field, $"cohort `{cohort}` does not export `{needed.Property}`: add it to the cohort's export_properties");

    /// <summary>The named cohorts that do not exist yet.</summary>
    public static IReadOnlyList<string> AwaitedCohorts(Destination destination, Func<string, bool> exists) =>
        [.. destination.Cohorts.Ids.Where(id => !exists(id))];

    private static (string?, string?, string, long, string, string) Place(S3Destination destination) =>
        (destination.Endpoint?.Text, destination.Endpoint is { IsFolder: true } ? "" : destination.Bucket, destination.Path, destination.ProjectId, destination.RoutingKey, destination.RequireSuffix);

    private static IEnumerable<(string Field, string Property)> PropertiesOf(Destination destination)
    {
        if (destination is KinesisDestination { IdentifierField: { } identifier } && !IdentifierFields.IsOfEveryRecord(identifier))
            yield return ("identifier_field", identifier);
        if (destination is not S3Destination s3)
            yield break;
        if (s3.MatchProperty is { } match)
            yield return ("match_property", match);
        foreach (var property in s3.UserProperties)
            yield return ("user_properties", property);
    }
}
