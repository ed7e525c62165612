namespace CohortPipeline.Rules.Profiles;

/// <summary>What a stored profile has, beside what every one has.</summary>
[Flags]
internal enum ProfileParts : byte
{
    /// <summary>Its last instant takes more than 48 bits, and stands by itself.</summary>
    FarInstant = 1,

    /// <summary>Version and <c>computed_at</c> of its last deltas.</summary>
    Deltas = 2,

    /// <summary>When its properties could flip something.</summary>
    PropertyFlip = 4,

    /// <summary>The device of the last record that carried one, of a user.</summary>
    DeviceId = 8,

    IdentifyHashes = 16,

    Properties = 32,

    Memberships = 64,

    Behaviors = 128,
}
