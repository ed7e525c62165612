using CohortPipeline.Contracts;
using CohortPipeline.Rules.Measures;
using CohortPipeline.Rules.Profiles;
using Xunit;

namespace CohortPipeline.Tests.Unit.Rules.Profiles;

/// <summary>Whatever is in a profile, it is read as it was written: after every change, from changed and unchanged parts, and as time passes.</summary>
public sealed class ProfileRoundTripTests
{
    private const long Day = 86_400_000;
    private const int Profiles = 400;
    private const int Changes = 25;

    private static readonly byte[] Key = [.. "u:ada"u8];

    private readonly ByteWriter _bytes = new();

    [Theory]
    [InlineData(1, 1_772_532_000_000)]
    [InlineData(2, 0)]
    [InlineData(3, -1_000)]
    [InlineData(4, 1L << 47)]
    [InlineData(5, (1L << 47) - Day)]
    public void A_profile_is_read_as_it_was_written_after_every_change(int seed, long start)
    {
        var random = new Random(seed);
        for (var i = 0; i < Profiles; i++)
        {
            var kept = new Profile { FirstSeenAt = start, LastInstant = start };
            kept.SetUserId("ada"u8);
            for (var change = 0; change < Changes; change++)
            {
                Change(random, kept);
                ProfileCodec.Write(Key, kept, _bytes);
                var stored = _bytes.Written.ToArray();
                var read = Read(stored);
                Assert.Equal($"seed {seed}, profile {i}, change {change}: {Describe(kept)}", $"seed {seed}, profile {i}, change {change}: {Describe(read)}");
                Assert.Equal(read.NextTimer, ProfileCodec.TimerOf(stored));
                Assert.Equal(kept.PlanGeneration, ProfileCodec.GenerationOf(stored));

                // The next change meets a profile of which nobody has read anything yet.
                kept = Read(stored);
                ProfileCodec.Write(Key, kept, _bytes);
                Assert.Equal(Convert.ToHexString(stored), Convert.ToHexString(_bytes.Written));
            }
        }
    }

    /// <summary>What is written over in place takes the bytes it took before, however many these are to say how many events there are.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Of_any_number_of_events_one_is_replaced(bool haveInsertIds)
    {
        for (var count = 1; count <= 300; count++)
        {
            var kept = new Profile { FirstSeenAt = 0, LastInstant = Day };
            kept.SetUserId("ada"u8);
            for (var i = 0; i < count; i++)
                kept.BehaviorOf(3, RememberedValue.None).Insert(i * 1_000, haveInsertIds ? 1_000u + (uint)i : RememberedEvents.NoInsertId);
            kept.BehaviorOf(4, RememberedValue.None).Insert(7, 7);
            ProfileCodec.Write(Key, kept, _bytes);
            for (var turn = 0; turn < 3; turn++)
            {
                kept = Read(_bytes.Written);
                kept.BehaviorOf(3, RememberedValue.None).ReplaceOldest(Day - 10 + turn, haveInsertIds ? 9u : RememberedEvents.NoInsertId);
                ProfileCodec.Write(Key, kept, _bytes);
                Assert.Equal($"{count} events: {Describe(kept)}", $"{count} events: {Describe(Read(_bytes.Written))}");
            }
        }
    }

    [Fact]
    public void A_timer_that_is_too_far_away_is_stored_as_an_earlier_one()
    {
        var profile = new Profile { FirstSeenAt = 0, LastInstant = 5, NextTimer = 365 * Day, NextSlide = 366 * Day };
        ProfileCodec.Write(Key, profile, _bytes);
        Assert.Equal(5L + uint.MaxValue, ProfileCodec.TimerOf(_bytes.Written));
        Assert.Equal(5L + uint.MaxValue, Read(_bytes.Written).NextSlide);
    }

    private static Profile Read(ReadOnlySpan<byte> stored)
    {
        var read = new Profile();
        ProfileCodec.Read(Key, stored, read);
        return read;
    }

    private static void Change(Random random, Profile profile)
    {
        profile.LastInstant += random.NextInt64(random.Next(5) == 0 ? 40 * Day : Day);
        profile.NextTimer = random.Next(3) == 0 ? Profile.NoTimer : profile.LastInstant + 1 + random.NextInt64(40 * Day);
        profile.NextSlide = random.Next(3) == 0 ? Profile.NoTimer : profile.LastInstant + 1 + random.NextInt64(40 * Day);
        profile.NextPropertyFlip = random.Next(3) == 0 ? profile.LastInstant + 1 + random.NextInt64(400 * Day) : Profile.NoTimer;
        switch (random.Next(8))
        {
            case 0:
                profile.PlanGeneration++;
                profile.AddIdentifyHash((uint)random.Next(1, int.MaxValue));
                break;
            case 1:
                profile.Properties.Set("plan"u8, random.Next(2) == 0 ? "\"pro\""u8 : "7"u8);
                profile.SetDeviceId(random.Next(2) == 0 ? "phone"u8 : "tablet"u8);
                break;
            case 2:
                Enter(random, profile);
                break;
            case 3 when profile.Memberships.Length > 0:
                profile.RemoveMembership(profile.Memberships[random.Next(profile.Memberships.Length)].CohortSlot);
                break;
            case 4 when profile.BehaviorCount > 0:
                var events = profile.BehaviorAt(random.Next(profile.BehaviorCount));
                if (events.Count > 0)
                    events.DropOldest(random.Next(1, events.Count + 1));
                if (events.IsEmpty)
                    profile.Behaviors.Remove(events);
                break;
            default:
                Remember(random, profile);
                break;
        }
    }

    private static void Enter(Random random, Profile profile)
    {
        var slot = random.Next(random.Next(2) == 0 ? 20 : 20_000);
        if (profile.TryGetMembership(slot, out _))
            return;
        profile.Version += random.Next(4) == 0 ? random.Next(2, 100) : 1;
        profile.ComputedAt = Instant.FloorToSeconds(profile.LastInstant) + (random.Next(4) == 0 ? random.Next(90) : 0);
        profile.AddMembership(new(slot, profile.LastInstant, profile.Version, profile.ComputedAt));
    }

    private static void Remember(Random random, Profile profile)
    {
        var slot = random.Next(random.Next(2) == 0 ? 8 : 20_000);
        // A behavior has one kind of value all its life.
        var value = (RememberedValue)(slot % 7 < 4 ? 0 : slot % 7 - 3);
        var events = profile.BehaviorOf(slot, value);
        Int128 remembered = value switch
        {
            RememberedValue.Number => random.NextInt64() * (Int128)random.Next(-1_000, 1_000),
            RememberedValue.Hash => (ulong)random.NextInt64(),
            RememberedValue.Steps => random.Next(1, 16),
            _ => 0,
        };
        var late = random.Next(6) == 0 ? random.NextInt64(400 * Day) : random.NextInt64(Day);
        events.Insert(profile.LastInstant - late, random.Next(4) == 0 ? RememberedEvents.NoInsertId : (uint)random.Next(1, int.MaxValue), remembered);
        events.IsApproximate |= random.Next(20) == 0;
        if (value == RememberedValue.Number && random.Next(5) == 0)
            events.Fold(Tally.Of(remembered));
    }

    private static string Describe(Profile profile)
    {
        var behaviors = Enumerable.Range(0, profile.BehaviorCount).Select(profile.BehaviorAt)
            .Select(events => $"{events.Slot} {events.Value} {events.IsApproximate} {events.Tally} {string.Join(',', events.Times.ToArray())} {string.Join(',', events.Hashes.ToArray())} {string.Join(',', events.Values.ToArray())}");
        var properties = Enumerable.Range(0, profile.Properties.Count).Select(i => $"{Convert.ToHexString(profile.Properties.NameAt(i))}={Convert.ToHexString(profile.Properties.ValueAt(i))}");
        return $"""
            {profile.FirstSeenAt} {profile.LastInstant} {profile.Version} {(profile.Version > 0 ? profile.ComputedAt : 0)} {profile.PlanGeneration} {profile.NextTimer} {profile.NextSlide} {profile.NextPropertyFlip}
            {Convert.ToHexString(profile.UserId)} {Convert.ToHexString(profile.DeviceId)} {string.Join(',', profile.IdentifyHashes.ToArray())}
            {string.Join(' ', properties)}
            {string.Join(' ', profile.Memberships.ToArray())}
            {string.Join('\n', behaviors)}
            """;
    }
}
