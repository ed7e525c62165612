using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using CohortPipeline.Contracts;
using CohortPipeline.Sinks;
using CohortPipeline.TestKit.Oracle;

namespace CohortPipeline.Tests.Simulation.Delivery;

/// <summary>
/// What a destination is to get: evaluations of users, each numbered, with its deltas side by side in one partition. A
/// number is an evaluation's instant, so that what arrives tells where it comes from.
/// </summary>
internal sealed class DeliveryWorkload
{
    public const string Cohort = "wanted";
    public const string OtherCohort = "other";

    private const int RecordsMax = 80;
    private const int PartsMax = 3;
    private const long FirstAt = 1_772_323_200_000;
    private const int LargeBytes = 1_500;

    private static readonly string[] Shapes =
    [
        "format: amplitude-cohort\nidentifier_field: user_id\n",
        "format: amplitude-cohort\nidentifier_field: team\nmissing_identifier: dead_letter\n",
        "format: amplitude-cohort\nlinger: 300ms\n",
        "format: lytics-trigger\nidentifier_field: user_id\n",
    ];

    private readonly Random _random;
    private readonly int _partitions;
    private readonly bool _hasTeams;
    private readonly bool _hasParts;
    private readonly List<Evaluation> _evaluations = [];
    private readonly Dictionary<string, long> _versions = [];
    private readonly Dictionary<OracleRecord, (byte[] Key, byte[] Value)> _rows = new(ReferenceEqualityComparer.Instance);

    /// <param name="random">Draws it.</param>
    /// <param name="partitions">Of the deltas.</param>
    /// <param name="cadence">How often the destination is told: what is told in real time may grow.</param>
    public DeliveryWorkload(Random random, int partitions, string cadence = "real_time")
    {
        IsNew = random.Next(3) == 0;
        Grows = random.Next(3) == 0 && cadence == "real_time";
        _partitions = partitions;
        _random = random;
        var shape = Shapes[random.Next(Shapes.Length)];
        _hasTeams = shape.Contains("team", StringComparison.Ordinal);
        _hasParts = shape.Contains("lytics", StringComparison.Ordinal);
        var limits = string.Create(
            CultureInfo.InvariantCulture,
            $"record_bytes: 1024\nrecords_per_request: {random.Next(1, 30)}\nusers_per_record: {random.Next(2, 6)}\n");
        Definitions = [.. Selections().Select(cohorts => (KinesisDestination)DestinationText.Read(
            $"id: ads\nsink: kinesis\ncadence: {cadence}\ncohorts: [{cohorts}]\nregion: us-west-2\nstream: s\n{limits}{shape}").Destinations[0])];
        Records = [.. Enumerable.Range(0, partitions).Select(Partition)];
    }

    /// <summary>The destination as it is defined at first, and as it is edited.</summary>
    public IReadOnlyList<KinesisDestination> Definitions { get; }

    public KinesisDestination Destination => Definitions[0];

    /// <summary>It gets another cohort while it runs: an evaluation is of one cohort alone then.</summary>
    public bool Grows { get; }

    /// <summary>It has the other cohort already, which goes and comes back.</summary>
    public bool Shrinks => Definitions.Count > 2;

    /// <summary>The least that a budget must hold: what composers may have open of all partitions, which cannot go before it is whole.</summary>
    public int BudgetBytesMin => _hasParts ? 60_000 : 20_000;

    public IReadOnlyList<IReadOnlyList<OracleRecord>> Records { get; }

    /// <summary>The destination has no positions yet, and begins with the members there are.</summary>
    public bool IsNew { get; }

    /// <summary>The row of <c>memberships</c> that a delta leaves behind.</summary>
    public (byte[] Key, byte[] Value) RowOf(OracleRecord delta) => _rows[delta];

    /// <summary>By number, from 1 up.</summary>
    public IReadOnlyList<Evaluation> Evaluations => _evaluations;

    /// <summary>The number of the evaluation at that instant, in epoch milliseconds.</summary>
    public static int NumberOf(long at) => (int)((at - FirstAt) / 1_000);

    private List<OracleRecord> Partition(int partition)
    {
        var records = new List<OracleRecord>();
        var users = _random.Next(1, 8);
        var count = _random.Next(2, RecordsMax);
        while (records.Count < count)
            records.AddRange(Evaluate(partition, UserOf(partition, _random.Next(users)), records.Count));
        return records;
    }

    /// <summary>The cohorts of the definitions.</summary>
    private string[] Selections()
    {
        const string both = $"{Cohort}, {OtherCohort}";
        if (!Grows)
            return [Cohort];
        var last = _random.Next(3) == 0 ? "\"*\"" : both;
        return _random.Next(3) == 0 ? [both, Cohort, last] : [Cohort, last];
    }

    /// <summary>A name whose profile lies in the partition.</summary>
    private string UserOf(int partition, int number)
    {
        for (var name = $"{partition}.{number}"; ; name += "x")
        {
            if (Partitioner.PartitionOf(Encoding.UTF8.GetBytes($"u:{name}"), _partitions) == partition)
                return name;
        }
    }

    /// <summary>One evaluation of a user: its deltas, of which the destination wants those of one cohort.</summary>
    private List<OracleRecord> Evaluate(int partition, string user, int place)
    {
        var number = _evaluations.Count + 1;
        var at = FirstAt + (number * 1_000L);
        var version = _versions[user] = _versions.GetValueOrDefault(user) + 1;
        var kind = _random.Next(20);
        var isLarge = kind is 0 or 3 or 4;
        var team = _hasTeams && kind != 1 ? $"{partition}-team{_random.Next(3)}" : null;
        var parts = _hasParts && !Grows ? _random.Next(1, PartsMax + 1) : 1;
        var isOfOther = kind == 2 || (Grows && _random.Next(2) == 0);
        var wanted = isOfOther ? -1 : _random.Next(parts);
        var records = new List<OracleRecord>();
        for (var part = 0; part < parts; part++)
            records.Add(Delta(user, part == wanted ? Cohort : OtherCohort, at, version, part + 1, parts, team, isLarge));
        _evaluations.Add(new(
            number,
            partition,
            user,
            _hasTeams ? team : Destination.IdentifierField is null ? null : user,
            place + Math.Max(0, wanted),
            version % 2 == 1,
            Grows && isOfOther,
            isOfOther && !Grows ? Fate.Filtered : isLarge || (_hasTeams && team is null) ? Fate.DeadLetter : Fate.Wanted));
        return records;
    }

    private OracleRecord Delta(string user, string cohort, long at, long version, int part, int parts, string? team, bool isLarge)
    {
        var key = Encoding.UTF8.GetBytes($"u:{user}");
        var id = new byte[DeltaId.Length];
        DeltaId.Write(key, Encoding.UTF8.GetBytes(cohort), version, at, id);
        var properties = $$"""{"note":"{{new string('x', isLarge ? LargeBytes : 10)}}"{{(team is null ? "" : $",\"team\":\"{team}\"")}}}""";
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, JsonText.WriterOptions))
        {
            DeltaWriter.Write(writer, new()
            {
                Id = id,
                CohortId = Encoding.UTF8.GetBytes(cohort),
                CohortName = "A cohort"u8,
                UserId = Encoding.UTF8.GetBytes(user),
                Change = version % 2 == 1 ? MembershipChange.Enter : MembershipChange.Exit,
                ExitedAt = version % 2 == 1 ? null : at,
                At = at,
                ComputedAt = at / 1_000,
                Version = version,
                Part = part,
                Parts = parts,
                Properties = Encoding.UTF8.GetBytes(properties),
                SourcePartition = -1,
            });
        }

        var delta = new OracleRecord(0, $"u:{user}", buffer.WrittenSpan.ToArray());
        _rows.Add(delta, (Encoding.UTF8.GetBytes($"{cohort}/u:{user}"), Row(user, at, version, properties)));
        return delta;
    }

    private static byte[] Row(string user, long at, long version, string properties)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, JsonText.WriterOptions))
        {
            MembershipWriter.Write(writer, new()
            {
                In = version % 2 == 1,
                ExitedAt = version % 2 == 1 ? null : at,
                At = at,
                ComputedAt = at / 1_000,
                Version = version,
                UserId = Encoding.UTF8.GetBytes(user),
                Properties = Encoding.UTF8.GetBytes(properties),
            });
        }

        return buffer.WrittenSpan.ToArray();
    }
}

/// <summary>What is to become of an evaluation.</summary>
internal enum Fate
{
    Wanted,
    Filtered,
    DeadLetter,
}

/// <summary>One evaluation of a user. <paramref name="Place"/> is its wanted delta's place among the records of its partition; <paramref name="Key"/> is what the partition key orders by, null for nothing; <paramref name="IsOfOther"/> that it is of the cohort that comes later.</summary>
internal sealed record Evaluation(int Number, int Partition, string User, string? Key, int Place, bool IsIn, bool IsOfOther, Fate Fate);
