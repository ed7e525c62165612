namespace CohortPipeline.Log.Embedded.Groups;

/// <summary>A reader as its group sees it. Its fields are the group's and change under the group's lock.</summary>
internal sealed class GroupMember(EmbeddedReader reader, string? instanceId, IReadOnlyList<string> topics)
{
    public string? InstanceId { get; } = instanceId;

    public IReadOnlyList<string> Topics { get; } = topics;

    /// <summary>When it last polled, in the time provider's ticks.</summary>
    public long PolledAt { get; set; }

    /// <summary>The group's version that it has acted on.</summary>
    public long SeenVersion { get; set; } = -1;

    /// <summary>True while it waits in a poll or commits: it is alive, whatever the clock says.</summary>
    public bool IsBusy { get; set; }

    public MemberStanding Standing { get; set; }

    public void Wake() => reader.Wake();
}

internal enum MemberStanding
{
    Member,

    /// <summary>It did not poll for too long: its partitions are lost, and it may join again.</summary>
    Expired,

    /// <summary>Another reader came with its instance id: its partitions are lost for good.</summary>
    Replaced,
}
