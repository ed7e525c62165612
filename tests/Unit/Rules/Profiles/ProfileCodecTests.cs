using CohortPipeline.Contracts;
using CohortPipeline.Rules.Profiles;
using Xunit;

namespace CohortPipeline.Tests.Unit.Rules.Profiles;

public sealed class ProfileCodecTests
{
    /// <summary>Format 5, byte for byte: what is stored in changelogs today must be read by every later version.</summary>
    private const string Snapshot = "05FA88F823B39C0178700C240100000088270307000570686F6E65040100FECA010E0B04706C616E052270726F2201068300D00F0605010209000000008813000000000000EFBE0000";

    /// <summary>The same profile in format 4.</summary>
    private const string Format4 = "04006930D79C01000080949FB29667882707000300010570686F6E65040100FECA010E0B04706C616E052270726F22010505D00F060001020C0900882700000000EFBE0000";

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
    public void Reads_the_format_before_it_and_writes_its_own()
    {
        var read = new Profile();
        ProfileCodec.Read("u:ada"u8, Convert.FromHexString(Format4), read);
        ProfileCodec.Write("u:ada"u8, read, _bytes);
        Assert.Equal(Snapshot, Convert.ToHexString(_bytes.Written));
        Assert.Equal(1_773_136_800_000, ProfileCodec.TimerOf(Convert.FromHexString(Format4)));
    }

    [Fact]
    public void Tells_the_timer_without_reading_the_rest() =>
        Assert.Equal(1_773_136_800_000, ProfileCodec.TimerOf(Convert.FromHexString(Snapshot)));

    [Theory]
    [InlineData(6, "written by a newer version")]
    [InlineData(3, "never released")]
    public void Refuses_another_format_and_says_what_to_do(byte format, string advice)
    {
        var other = Convert.FromHexString(Snapshot);
        other[0] = format;
        foreach (var refused in new[]
        {
            Assert.Throws<InvalidDataException>(() => ProfileCodec.Read("u:ada"u8, other, new())),
            Assert.Throws<InvalidDataException>(() => { ProfileCodec.TimerOf(other); }),
        })
        {
            Assert.Contains($"format {format}", refused.Message, StringComparison.Ordinal);
            Assert.Contains(advice, refused.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>What is not looked at is copied, and what is looked at is written as it was: each part by itself, and all.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(15)]
    public void Is_written_again_as_it_was_whatever_was_looked_at(int parts)
    {
        var read = new Profile();
        ProfileCodec.Read("u:ada"u8, Convert.FromHexString(Snapshot), read);
        Assert.Equal(1, (parts & 1) == 0 ? 1 : read.IdentifyHashes.Length);
        Assert.Equal(1, (parts & 2) == 0 ? 1 : read.Properties.Count);
        Assert.Equal(1, (parts & 4) == 0 ? 1 : read.Memberships.Length);
        Assert.Equal(2, (parts & 8) == 0 ? 2 : read.BehaviorAt(0).Times.Length);
        ProfileCodec.Write("u:ada"u8, read, _bytes);
        Assert.Equal(Snapshot, Convert.ToHexString(_bytes.Written));
    }

    [Fact]
    public void A_change_of_one_part_is_written_and_leaves_the_others()
    {
        var changed = new Profile();
        ProfileCodec.Read("u:ada"u8, Convert.FromHexString(Snapshot), changed);
        changed.Properties.Set("plan"u8, "\"free\""u8);
        changed.BehaviorOf(2).Insert(1_772_532_006_000, 0xABBA);
        ProfileCodec.Write("u:ada"u8, changed, _bytes);
        var read = new Profile();
        ProfileCodec.Read("u:ada"u8, _bytes.Written, read);
        Assert.Equal("\"free\""u8, read.Properties.ValueAt(0));
        Assert.Equal([RememberedEvents.NoInsertId, 0xBEEFu, 0xABBAu], read.BehaviorOf(2).Hashes.ToArray());
        Assert.Equal([0xCAFE0001u], read.IdentifyHashes.ToArray());
        Assert.Equal(1, read.Memberships.Length);
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
        events.Insert(1_772_532_000_000, RememberedEvents.NoInsertId);
        events.Insert(1_772_532_005_000, 0xBEEF);
        profile.NextSlide = profile.LastInstant + 1;
        profile.AddMembership(new(5, 1_772_532_001_000, 6, 1_772_532_001));
        return profile;
    }
}
