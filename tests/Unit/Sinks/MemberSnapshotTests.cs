using System.Text;
using CohortPipeline.Sinks.Snapshot;
using CohortPipeline.TestKit.Proof;
using Xunit;

namespace CohortPipeline.Tests.Unit.Sinks;

/// <summary>The stored snapshot against the plain one in memory: seeded random rows, tombstones and syncs, among two cohorts in one store.</summary>
public sealed class MemberSnapshotTests : IDisposable
{
    private const int Steps = 4_000;

    private static readonly string[] Users = ["a", "aa", "a\0", "a\0b", "a\0\0", "\0", "b", "ab", "é", "\U0001F600", "\uFFFD", "a\u00FF"];

    private readonly string _folder = Directory.CreateTempSubdirectory("s3-store-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void It_lists_what_a_plain_one_lists(int seed)
    {
        var random = new Random(seed);
        using var store = new SnapshotStore(_folder);
        (IMemberSnapshot Stored, IMemberSnapshot Plain)[] cohorts = [(store.Open(), new MemoryMemberSnapshot()), (store.Open(), new MemoryMemberSnapshot())];
        for (var step = 0; step < Steps; step++)
        {
            var (stored, plain) = cohorts[random.Next(2)];
            Do(random, step, stored, plain);
            if (random.Next(20) == 0)
                Assert.True(plain.HasChanges() == stored.HasChanges(), $"changes at seed {seed}, step {step}");
            if (random.Next(40) == 0)
                Assert.Equal(List(plain), List(stored));
        }
    }

    [Fact]
    public void A_cohort_that_is_opened_again_is_empty()
    {
        using var store = new SnapshotStore(_folder);
        using (var first = store.Open())
            first.Apply("u:ada"u8, isIn: true, "row"u8, offset: 0);
        using var second = store.Open();
        Assert.Empty(List(second));
    }

    [Fact]
    public void A_row_is_kept_whole_however_large_it_is()
    {
        using var store = new SnapshotStore(_folder);
        using var snapshot = store.Open();
        var row = new string('x', 2_000_000);
        snapshot.Apply("u:ada"u8, isIn: true, Encoding.UTF8.GetBytes(row), offset: 0);
        Assert.Equal([$"u:ada {row} 0 True False"], List(snapshot));
    }

    [Fact]
    public void Only_versions_that_say_something_stay_in_the_store()
    {
        using var store = new SnapshotStore(_folder);
        using var snapshot = store.Open();
        for (var offset = 0; offset < 10; offset++)
            snapshot.Apply("u:ada"u8, isIn: offset % 2 == 0, "row"u8, offset);
        snapshot.Apply("u:bob"u8, isIn: true, "row"u8, offset: 10);
        snapshot.MarkSynced();
        for (var offset = 11; offset < 20; offset++)
            snapshot.Apply("u:bob"u8, isIn: true, "row"u8, offset);
        List(snapshot);
        using var left = store.Read();
        var versions = 0;
        for (left.Seek("v"u8); left.Valid(); left.Next())
            versions++;
        Assert.Equal(2, versions);
    }

    /// <summary>Looking for changes deletes what says nothing any more: never what is behind it.</summary>
    [Fact]
    public void A_cohort_is_left_alone_by_the_one_before_it()
    {
        using var store = new SnapshotStore(_folder);
        using var first = store.Open();
        using var second = store.Open();
        second.Apply("u:ada"u8, isIn: true, "row"u8, offset: 1);
        second.MarkSynced();
        second.Apply("u:ada"u8, isIn: false, "row"u8, offset: 2);
        first.Apply("u:bob"u8, isIn: true, "row"u8, offset: 3);
        first.MarkSynced();
        first.Apply("u:zoe"u8, isIn: true, "row"u8, offset: 4);
        first.Apply("u:zoe"u8, isIn: false, "row"u8, offset: 5);
        Assert.False(first.HasChanges());
        first.Apply("u:bob"u8, isIn: true, "row"u8, offset: 6);
        Assert.False(first.HasChanges());
        Assert.Equal(["u:ada row 2 False True"], List(second));
    }

    [Fact]
    public void A_folder_that_a_killed_process_left_is_deleted_by_the_next_and_a_living_ones_is_not()
    {
        var left = Path.Combine(_folder, "cohort-sink-left");
        Directory.CreateDirectory(left);
        File.WriteAllText(left + ".lock", "");
        using var living = new SnapshotStore(_folder);
        living.Open().Apply("u:ada"u8, isIn: true, "row"u8, offset: 0);
        using var next = new SnapshotStore(_folder);
        next.Open();
        Assert.False(Directory.Exists(left));
        Assert.Equal(2, Directory.GetDirectories(_folder).Length);
        next.Dispose();
        Assert.Single(Directory.GetDirectories(_folder));
    }

    private static void Do(Random random, long offset, IMemberSnapshot stored, IMemberSnapshot plain)
    {
        var key = Encoding.UTF8.GetBytes(Users[random.Next(Users.Length)]);
        switch (random.Next(60))
        {
            case 0:
                stored.MarkSynced();
                plain.MarkSynced();
                break;
            case < 8:
                stored.Forget(key, offset);
                plain.Forget(key, offset);
                break;
            default:
                var isIn = random.Next(2) == 0;
                var row = Encoding.UTF8.GetBytes($"row {offset}");
                stored.Apply(key, isIn, row, offset);
                plain.Apply(key, isIn, row, offset);
                break;
        }
    }

    private static List<string> List(IMemberSnapshot snapshot) =>
        [.. snapshot.InKeyOrder().Select(member => $"{Encoding.UTF8.GetString(member.Key.Span)} {Encoding.UTF8.GetString(member.Row.Span)} {member.RowOffset} {member.IsMember} {member.WasMember}")];
}
