using System.Text.RegularExpressions;

namespace CohortPipeline.Sinks;

/// <summary>The fields of an S3 destination (<c>docs/spec/destinations.md</c>, §3).</summary>
internal static partial class S3Fields
{
    private const int UserPropertiesMax = 1_000;

    private static readonly TimeSpan SyncIntervalMin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SyncIntervalMax = TimeSpan.FromHours(1);

    public static readonly (string, ExistingMembers)[] Existings = [("at_last_sync", ExistingMembers.AtLastSync), ("stayed", ExistingMembers.Stayed)];

    public static readonly (string, FormulaHandling)[] Formulas = [("none", FormulaHandling.None), ("prefix", FormulaHandling.Prefix), ("reject", FormulaHandling.Reject)];

    public static readonly (string, CatchUp)[] CatchUps = [("newest", CatchUp.Newest), ("all", CatchUp.All)];

    public static S3Destination Read(FieldReader fields)
    {
        var endpoint = CommonFields.Endpoint(fields);
        var toFolder = endpoint is { IsFolder: true };
        var destination = new S3Destination
        {
            Id = CommonFields.Id(fields),
            Cohorts = CommonFields.Cohorts(fields),
            Cadence = fields.Choice("cadence", Cadence.Daily, CommonFields.Cadences),
            Region = CommonFields.Region(fields, required: !toFolder),
            Endpoint = endpoint,
            TraceContext = CommonFields.TraceContext(fields),
            Bucket = fields.Text("bucket", BucketPattern(), "the name of a bucket: 3 to 63 of a-z, 0-9, `.` and `-`", required: !toFolder) ?? "",
            Path = Path(fields),
            ProjectId = fields.Whole("project_id", 0, 0, long.MaxValue),
            RoutingKey = fields.Text("routing_key", NamePartPattern(), "at most 128 of letters, digits, `_`, `.` and `-`") ?? "",
            RequireSuffix = fields.Text("require_suffix", NamePartPattern(), "at most 128 of letters, digits, `_`, `.` and `-`") ?? "",
            MatchProperty = MatchProperty(fields),
            UserProperties = fields.Texts("user_properties", UserPropertiesMax, "names of profile properties", CommonFields.IsPropertyName) ?? [],
            SyncInterval = SyncInterval(fields),
            Existing = fields.Choice("existing", ExistingMembers.AtLastSync, Existings),
            Formulas = fields.Choice("formulas", FormulaHandling.None, Formulas),
            CatchUp = fields.Choice("catch_up", CatchUp.Newest, CatchUps),
        };
        fields.RefuseUnknown("an s3 destination");
        return destination;
    }

    private static string? MatchProperty(FieldReader fields)
    {
        var name = fields.Text("match_property", expected: "the name of a profile property");
        if (name is not null && !CommonFields.IsPropertyName(name))
            fields.Error("match_property", "is empty or too long; leave it out for the user id");
        return name;
    }

    private static string Path(FieldReader fields)
    {
        var path = fields.Text("path", PathPattern(), "parts of letters, digits and `_.!'()*=-`, with slashes between them, at most 512 in all") ?? "";
        if (path.Split('/').Any(part => part is "." or ".."))
            fields.Error("path", $"found \"{path}\": `.` and `..` are no parts of a path here");
        return path;
    }

    /// <summary>A divisor of an hour or not, boundaries are whole multiples of it since the epoch.</summary>
    private static TimeSpan SyncInterval(FieldReader fields)
    {
        var interval = fields.Duration("sync_interval", S3Destination.DefaultSyncInterval, SyncIntervalMin, SyncIntervalMax);
        if (interval.Ticks % TimeSpan.TicksPerSecond != 0)
            fields.Error("sync_interval", "is not a whole number of seconds, which is what file names show");
        return interval;
    }

    [GeneratedRegex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\\z")]
    private static partial Regex BucketPattern();

    [GeneratedRegex("^(?=.{0,512}\\z)([A-Za-z0-9_.!'()*=-]+(/[A-Za-z0-9_.!'()*=-]+)*)?\\z")]
    private static partial Regex PathPattern();

    [GeneratedRegex("^[A-Za-z0-9_.-]{0,128}\\z")]
    private static partial Regex NamePartPattern();
}
