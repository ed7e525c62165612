using System.Security.Cryptography;

namespace CohortPipeline.Sinks;

/// <summary>
/// Takes a destination in: a role is assumed with an external id that the system made, never with one that the customer
/// chose (a chosen one would let a customer point us at somebody else's role). <c>none</c> switches it off by name.
/// </summary>
public static class DestinationAdmission
{
    private const int ExternalIdBytes = 16;

    /// <summary>An external id nobody can guess: 32 hex digits. What callers pass for <c>makeExternalId</c>.</summary>
    public static string NewExternalId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(ExternalIdBytes));

    /// <param name="destination">As it was read.</param>
    /// <param name="present">The destination of the same id that is there already; its external id is kept.</param>
    /// <param name="makeExternalId">Called where a new one is needed.</param>
    public static DestinationReading Admit(Destination destination, Destination? present, Func<string> makeExternalId)
    {
        if (present is not null && present.Sink != destination.Sink)
            return Refuse("sink", $"`{destination.Id}` is a destination of sink {present.Sink}: delete it first, or choose another id");
        if (destination is not KinesisDestination { RoleArn: not null } kinesis)
            return new([destination], []);

        var kept = (present as KinesisDestination)?.ExternalId;
        return kinesis.ExternalId switch
        {
            null when kept is not null and not KinesisDestination.NoExternalId => new([kinesis with { ExternalId = kept }], []),
            null => new([kinesis with { ExternalId = makeExternalId() }], []),
            KinesisDestination.NoExternalId => new([kinesis], []),
            var given when given == kept => new([kinesis], []),
            _ => Refuse("external_id", "is made by the system and never chosen: leave it out to get one, or write `none` to switch it off"),
        };
    }

    private static DestinationReading Refuse(string path, string text) => new([], [new(path, text)]);
}
