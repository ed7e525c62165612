using CohortPipeline.Rules.Profiles;
using CohortPipeline.State;
using Xunit;

namespace CohortPipeline.Tests.Unit.State;

public sealed class ProfileCodecTests
{
    /// <summary>Format 1, byte for byte: what is stored in changelogs today must be read by every later version.</summary>
    private const string Snapshot = "01006930D79C01000080949FB29667882707CAC4B59A0D030570686F6E65010100FECA0104706C616E052270726F2201020A00904E00000000EFBE00000105D00F0608";

    private readonly ByteWriter _bytes = new();

    [Fact]
    public void Writes_the_format_that_changelogs_hold()
    {
        ProfileCodec.Write("u:ada"u8, Ada(), _bytes);
        Assert.Equal(Snapshot, Convert.ToHexString(_bytes.Written));
    }

    [Fact]
    public void Reads_back_all_that_it_wrote()
    {
        var read = new Profile();
        ProfileCodec.Read("u:ada"u8, Convert.FromHexString(Snapshot), read);
        Assert.Equal("ada"u8, read.UserId);
        Assert.Equal("phone"u8, read.DeviceId);
        Assert.Equal(1_772_532_000_000, read.FirstSeenAt);
        Assert.Equal(1_772_532_005_000, read.LastInstant);
        Assert.Equal(7, read.Version);
        Assert.Equal(1_772_532_005, read.ComputedAt);
        Assert.Equal(3, read.PlanGeneration);
        Assert.Equal(1_773_136_800_000, read.NextTimer);
        Assert.Equal([0xCAFE0001u], read.IdentifyHashes.ToArray());
        Assert.Equal("\"pro\""u8, read.Properties.ValueAt(read.Properties.IndexOf("plan"u8)));
        Assert.Equal([1_772_532_000_000L, 1_772_532_005_000L], read.BehaviorOf(2).Times.ToArray());
        Assert.Equal([RememberedEvents.NoInsertId, 0xBEEFu], read.BehaviorOf(2).Hashes.ToArray());
        Assert.True(read.TryGetMembership(5, out var membership));
        Assert.Equal(new(5, 1_772_532_001_000, 6, 1_772_532_001), membership);
        ProfileCodec.Write("u:ada"u8, read, _bytes);
        Assert.Equal(Snapshot, Convert.ToHexString(_bytes.Written));
    }

    [Fact]
    public void Tells_the_timer_without_reading_the_rest() =>
        Assert.Equal(1_773_136_800_000, ProfileCodec.TimerOf(Convert.FromHexString(Snapshot)));

    [Fact]
    public void Refuses_a_format_of_a_later_version()
    {
        var later = Convert.FromHexString(Snapshot);
        later[0] = 2;
        var refused = Assert.Throws<InvalidDataException>(() => ProfileCodec.Read("u:ada"u8, later, new()));
        Assert.Contains("format 2", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_bytes_that_are_cut_short_wherever_it_is()
    {
        var whole = Convert.FromHexString(Snapshot);
        for (var length = 1; length < whole.Length; length++)
        {
            var cut = whole[..length];
            Assert.ThrowsAny<Exception>(() => ProfileCodec.Read("u:ada"u8, cut, new()));
        }
    }

    private static Profile Ada()
    {
        var profile = new Profile
        {
            FirstSeenAt = 1_772_532_000_000,
            LastInstant = 1_772_532_005_000,
            Version = 7,
            ComputedAt = 1_772_532_005,
            PlanGeneration = 3,
            NextTimer = 1_773_136_800_000,
        };
        profile.SetUserId("ada"u8);
        profile.SetDeviceId("phone"u8);
        profile.AddIdentifyHash(0xCAFE0001);
        profile.Properties.Append("plan"u8, "\"pro\""u8);
        var events = profile.BehaviorOf(2);
        events.Append(1_772_532_000_000, RememberedEvents.NoInsertId);
        events.Append(1_772_532_005_000, 0xBEEF);
        profile.AddMembership(new(5, 1_772_532_001_000, 6, 1_772_532_001));
        return profile;
    }
}
