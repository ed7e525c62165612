using System.Globalization;
using CohortPipeline.Log;
using CohortPipeline.Log.Embedded;
using Xunit;

namespace CohortPipeline.Tests.Integration.Embedded;

/// <summary>What a killed process and torn files leave behind: whole commits, and each one up to the last.</summary>
public sealed class EmbeddedLogCrashTests
{
    private const int Kills = 6;
    private const int CommitsBeforeKillMax = 30;
    private const int Seed = 20261124;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_kill_9_in_mid_commit_every_commit_is_there_whole_or_not_at_all()
    {
        using var folder = new LogFolder();
        var random = new Random(Seed);
        for (var kill = 0; kill < Kills; kill++)
        {
            using var process = AppendingProcess.Start(folder.Path);
            var told = await process.CommitsAsync(random.Next(1, CommitsBeforeKillMax), Cancellation);
            // A commit takes a few milliseconds; each kill hits another moment of one.
            SpinUntilElapsed(TimeSpan.FromMicroseconds(random.Next(0, 5000)));
            await process.KillAsync(Cancellation);

            await using var log = folder.Open();
            var committed = await AssertWholeAsync(log);
            Assert.True(committed >= told, $"seed {Seed}, kill {kill}: commit {told} was told to stand, the log has {committed}");
        }
    }

    [Fact]
    public async Task A_torn_write_ahead_log_costs_the_last_commits_and_nothing_else()
    {
        using var folder = new LogFolder();
        using var process = AppendingProcess.Start(folder.Path);
        await process.CommitsAsync(20, Cancellation);
        await process.KillAsync(Cancellation);
        var length = (int)new FileInfo(folder.WriteAheadLog).Length;
        Assert.True(length > 0, "nothing was left to tear");
        var random = new Random(Seed);

        for (var trial = 0; trial < 12; trial++)
        {
            using var torn = folder.Snapshot();
            var at = random.Next(0, length);
            using (var file = File.OpenWrite(torn.WriteAheadLog))
            {
                if (trial % 2 == 0)
                {
                    file.SetLength(at);
                }
                else
                {
                    var garbage = new byte[Math.Min(5000, length - at)];
                    random.NextBytes(garbage);
                    file.Position = at;
                    file.Write(garbage);
                }
            }

            await using var log = torn.Open();
            // Where not even the tables are left, the log is a new one.
            if (await log.Admin.DescribeAsync(AppendingProcess.Output.Name, Cancellation) is not null
                && await log.Admin.DescribeAsync(AppendingProcess.Input.Name, Cancellation) is not null)
                await AssertWholeAsync(log);
        }
    }

    [Fact]
    public async Task Garbage_after_the_write_ahead_log_is_passed_over()
    {
        using var folder = new LogFolder();
        using var process = AppendingProcess.Start(folder.Path);
        var told = await process.CommitsAsync(5, Cancellation);
        await process.KillAsync(Cancellation);
        var garbage = new byte[100_000];
        new Random(Seed).NextBytes(garbage);
        await using (var file = new FileStream(folder.WriteAheadLog, FileMode.Append))
            await file.WriteAsync(garbage, Cancellation);

        await using var log = folder.Open();

        Assert.True(await AssertWholeAsync(log) >= told);
    }

    [Fact]
    public async Task A_damaged_file_is_refused_with_what_to_do()
    {
        using var folder = new LogFolder();
        await using (var log = folder.Open())
        {
            await LogFolder.CreateAsync(log, new("topic", 1, CohortPipeline.Contracts.TopicCleanup.Delete));
            LogFolder.Commit(log, "topic", 0, (null, new string('x', 300_000)), (null, "y"));
        }

        var whole = await File.ReadAllBytesAsync(folder.Database, Cancellation);
        var random = new Random(Seed);
        var refused = 0;
        for (var at = 0; at < whole.Length; at += 7919)
        {
            using var damaged = new LogFolder();
            var bytes = (byte[])whole.Clone();
            random.NextBytes(bytes.AsSpan(at, Math.Min(64, bytes.Length - at)));
            await File.WriteAllBytesAsync(damaged.Database, bytes, Cancellation);
            try
            {
                await using var log = damaged.Open();
                if (await log.Admin.DescribeAsync("topic", Cancellation) is not null)
                    Assert.Equal([(0, null, new('x', 300_000)), (1, null, "y")], LogFolder.Read(log, "topic", 0));
            }
            catch (LogException error)
            {
                refused++;
                Assert.Contains(damaged.Path, error.Message, StringComparison.Ordinal);
            }
        }

        // What is left over lies in unused parts of the file.
        Assert.True(refused >= whole.Length / 7919 / 2, $"{refused} damages of {whole.Length / 7919} were seen");
    }

    [Fact]
    public async Task The_file_of_another_program_is_refused()
    {
        using var folder = new LogFolder();
        await File.WriteAllTextAsync(folder.Database, string.Concat(Enumerable.Repeat("not a database\n", 1000)), Cancellation);

        var error = Assert.Throws<LogException>(() => folder.Open());

        Assert.Contains("damaged", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_opening_of_the_folder_is_refused_until_the_first_one_ends()
    {
        using var folder = new LogFolder();
        await using (folder.Open())
        {
            var error = Assert.Throws<LogException>(() => folder.Open());
            Assert.Contains("open in another process", error.Message, StringComparison.Ordinal);
        }

        await using var again = folder.Open();
    }

    [Fact]
    public async Task Another_process_keeps_the_folder_until_it_ends()
    {
        using var folder = new LogFolder();
        using var process = AppendingProcess.Start(folder.Path);
        await process.CommitsAsync(1, Cancellation);

        Assert.Throws<LogException>(() => folder.Open());
        await process.KillAsync(Cancellation);

        await using var log = folder.Open();
    }

    /// <summary>Answers how many commits there are; all of them whole, in order, and as many as the position says.</summary>
    private static async Task<long> AssertWholeAsync(EmbeddedLog log)
    {
        var position = (await log.Admin.CommittedAsync(AppendingProcess.Group, AppendingProcess.Input.Name, Cancellation))[0];
        var commits = Math.Max(0, position.Offset);
        Assert.Equal(commits == 0 ? "" : $"commit {commits}", position.Metadata);
        for (var partition = 0; partition < AppendingProcess.Partitions; partition++)
        {
            var numbers = LogFolder.Read(log, AppendingProcess.Output.Name, partition).Select(record => long.Parse(record.Value!, CultureInfo.InvariantCulture));
            Assert.Equal(Enumerable.Range(0, (int)commits * AppendingProcess.RecordsPerPartition).Select(index => (long)(index / AppendingProcess.RecordsPerPartition) + 1), numbers);
        }

        return commits;
    }

    private static void SpinUntilElapsed(TimeSpan time)
    {
        var started = System.Diagnostics.Stopwatch.GetTimestamp();
        while (System.Diagnostics.Stopwatch.GetElapsedTime(started) < time)
            Thread.SpinWait(10);
    }
}
