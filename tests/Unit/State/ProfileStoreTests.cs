using System.Text;
using CohortPipeline.State;
using Xunit;

namespace CohortPipeline.Tests.Unit.State;

public sealed class ProfileStoreTests
{
    /// <summary>What is too long is refused, and nothing is lost by that.</summary>
    [Fact]
    public void Keys_and_profiles_have_a_greatest_length()
    {
        var store = new ProfileStore();
        var key = new byte[ProfileStore.KeyBytesMax];
        var profile = new byte[ProfileStore.ProfileBytesMax];
        profile[^1] = 7;
        var entry = store.FindOrAdd(key);
        store.Stage(entry, profile);
        store.Promote();
        Assert.Throws<ArgumentOutOfRangeException>(() => store.FindOrAdd(new byte[ProfileStore.KeyBytesMax + 1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => store.Stage(entry, new byte[ProfileStore.ProfileBytesMax + 1]));
        Assert.Equal(entry, store.FindOrAdd(key));
        Assert.True(store.Read(entry).SequenceEqual(profile));
        Assert.Equal((1, 0), (store.ProfileCount, store.StagedEntries.Count));
    }

    private readonly ProfileStore _store = new();

    [Fact]
    public void A_staged_profile_is_read_before_it_is_committed()
    {
        var ada = _store.FindOrAdd("u:ada"u8);
        _store.Stage(ada, "one"u8);
        Assert.Equal("one", Text(_store.Read(ada)));
        Assert.Equal("", Text(_store.ReadCommitted(ada)));
        _store.Promote();
        Assert.Equal("one", Text(_store.ReadCommitted(ada)));
        Assert.Equal(1, _store.ProfileCount);
    }

    [Fact]
    public void A_dropped_profile_is_what_it_was()
    {
        _store.Restore("u:ada"u8, "one"u8);
        var ada = _store.FindOrAdd("u:ada"u8);
        _store.Stage(ada, "two, longer"u8);
        _store.Stage(_store.FindOrAdd("u:bob"u8), "new"u8);
        _store.Drop();
        Assert.Equal("one", Text(_store.Read(ada)));
        Assert.True(_store.Read(_store.FindOrAdd("u:bob"u8)).IsEmpty);
        Assert.Empty(_store.StagedEntries);
    }

    [Fact]
    public void Says_how_many_bytes_are_staged()
    {
        _store.Stage(_store.FindOrAdd("u:ada"u8), "one"u8);
        _store.Stage(_store.FindOrAdd("u:bob"u8), "four"u8);
        Assert.Equal(7, _store.StagedBytes);
        _store.Promote();
        Assert.Equal(0, _store.StagedBytes);
    }

    [Fact]
    public void Behaves_as_a_dictionary_does_over_random_writes_promotions_and_drops()
    {
        const int seed = 20261125;
        var random = new Random(seed);
        var committed = new Dictionary<string, string>();
        var visible = new Dictionary<string, string>();
        for (var step = 0; step < 50_000; step++)
        {
            var key = $"u:{random.Next(3_000)}";
            switch (random.Next(100))
            {
                case 0:
                    _store.Promote();
                    committed = new(visible);
                    break;
                case 1:
                    _store.Drop();
                    visible = new(committed);
                    break;
                case < 10:
                    _store.Stage(_store.FindOrAdd(Encoding.UTF8.GetBytes(key)), default);
                    visible.Remove(key);
                    break;
                case < 60:
                    var value = new string((char)('a' + random.Next(26)), 1 + random.Next(random.Next(20) == 0 ? 3_000 : 200));
                    _store.Stage(_store.FindOrAdd(Encoding.UTF8.GetBytes(key)), Encoding.UTF8.GetBytes(value));
                    visible[key] = value;
                    break;
                default:
                    var entry = _store.FindOrAdd(Encoding.UTF8.GetBytes(key));
                    Assert.Equal(visible.GetValueOrDefault(key, ""), Text(_store.Read(entry)));
                    Assert.Equal(committed.GetValueOrDefault(key, ""), Text(_store.ReadCommitted(entry)));
                    Assert.Equal(key, Text(_store.Key(entry)));
                    break;
            }
        }

        _store.Promote();
        Assert.Equal(visible.Count, _store.ProfileCount);
        foreach (var (key, value) in visible)
            Assert.Equal(value, Text(_store.ReadCommitted(_store.FindOrAdd(Encoding.UTF8.GetBytes(key)))));
    }

    /// <summary>Sizes that nobody has any more leave gaps: what is in use moves together, and is what it was.</summary>
    [Fact]
    public void Profiles_that_grow_leave_little_memory_idle()
    {
        const int profiles = 5_000;
        const int sizeMax = 800;
        var keys = Enumerable.Range(0, profiles).Select(i => Encoding.UTF8.GetBytes($"u:{i}")).ToArray();
        var random = new Random(20261129);
        for (var size = 8; size <= sizeMax; size += 8)
        {
            foreach (var key in keys)
                _store.Stage(_store.FindOrAdd(key), ProfileOf(key, size - random.Next(8)));
            if (random.Next(5) > 0)
                _store.Promote();
            else
                _store.Drop();
        }

        foreach (var key in keys)
            _store.Stage(_store.FindOrAdd(key), ProfileOf(key, sizeMax));
        _store.Promote();
        foreach (var key in keys)
        {
            var entry = _store.FindOrAdd(key);
            Assert.Equal(ProfileOf(key, sizeMax), _store.Read(entry));
            Assert.Equal(key, _store.Key(entry));
        }

        Assert.Equal(profiles, _store.EntryCount);
        // A transaction of all profiles has each twice until it is promoted, and some a third time, copied.
        Assert.InRange(_store.Bytes, profiles * sizeMax, 4L * profiles * sizeMax);
    }

    private static byte[] ProfileOf(byte[] key, int size)
    {
        var profile = new byte[size];
        for (var i = 0; i < size; i++)
            profile[i] = key[i % key.Length];
        return profile;
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}
