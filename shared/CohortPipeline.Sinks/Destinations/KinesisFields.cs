using System.Text.RegularExpressions;

namespace CohortPipeline.Sinks;

/// <summary>The fields of a Kinesis destination (<c>docs/spec/destinations.md</c>, §2).</summary>
internal static partial class KinesisFields
{
    private const int EventTypesMax = 10_000;
    private const int UsersPerRecordMax = 10_000;
    private const int RecordBytesMin = 1_024;
    private const int ShardRateMax = 1_000_000_000;

    private static readonly TimeSpan LingerMin = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LingerMax = TimeSpan.FromMinutes(1);

    public static readonly (string, KinesisFormat)[] Formats =
    [
        ("amplitude-cohort", KinesisFormat.AmplitudeCohort), ("lytics-trigger", KinesisFormat.LyticsTrigger), ("events", KinesisFormat.Events),
    ];

    public static readonly (string, ChangeSelection)[] Changes = [("both", ChangeSelection.Both), ("enters", ChangeSelection.Enters), ("exits", ChangeSelection.Exits)];

    public static readonly (string, StartAt)[] Starts = [("snapshot", StartAt.Snapshot), ("now", StartAt.Now)];

    public static readonly (string, MissingIdentifier)[] MissingIdentifiers = [("profile_key", MissingIdentifier.ProfileKey), ("dead_letter", MissingIdentifier.DeadLetter)];

    public static KinesisDestination Read(FieldReader fields)
    {
        var endpoint = CommonFields.Endpoint(fields);
        var format = fields.Choice("format", KinesisFormat.AmplitudeCohort, Formats, required: true);
        var (stream, streamArn, region) = Target(fields, endpoint);
        var roleArn = RoleArn(fields);
        var destination = new KinesisDestination
        {
            Id = CommonFields.Id(fields),
            Cohorts = format == KinesisFormat.Events ? CohortSelection.None : CommonFields.Cohorts(fields),
            Cadence = fields.Choice("cadence", Cadence.RealTime, CommonFields.Cadences),
            Region = region,
            Endpoint = endpoint,
            TraceContext = CommonFields.TraceContext(fields),
            Stream = stream,
            StreamArn = streamArn,
            RoleArn = roleArn,
            ExternalId = ExternalId(fields, roleArn),
            Format = format,
            Changes = fields.Choice("changes", ChangeSelection.Both, Changes),
            IdentifierField = IdentifierField(fields),
            MissingIdentifier = fields.Choice("missing_identifier", MissingIdentifier.ProfileKey, MissingIdentifiers),
            Start = fields.Choice("start", StartAt.Snapshot, Starts),
            UsersPerRecord = (int)fields.Whole("users_per_record", KinesisDestination.DefaultUsersPerRecord, 1, UsersPerRecordMax),
            Linger = fields.Duration("linger", KinesisDestination.DefaultLinger, LingerMin, LingerMax),
            Events = fields.Texts("events", EventTypesMax, "event types", CommonFields.IsPropertyName),
            Identifies = fields.Flag("identifies", false),
            Limits = Limits(fields),
        };
        CheckFormat(fields, destination);
        fields.RefuseUnknown("a kinesis destination");
        return destination;
    }

    public static string? RoleArn(FieldReader fields) =>
        fields.Text("role_arn", RolePattern(), "the ARN of a role, such as arn:aws:iam::111111111111:role/WriteCohorts");

    public static string? Stream(FieldReader fields, bool required) =>
        fields.Text("stream", StreamPattern(), "1 to 128 of letters, digits, `_`, `.` and `-`", required);

    public static string? IdentifierField(FieldReader fields)
    {
        var name = fields.Text("identifier_field", expected: "user_id, device_id, amplitude_id or a profile property");
        if (name is not null && !CommonFields.IsPropertyName(name))
            fields.Error("identifier_field", "is empty or too long; leave it out for a random partition key");
        return name;
    }

    private static (string Stream, string? Arn, string? Region) Target(FieldReader fields, DestinationEndpoint? endpoint)
    {
        var toFolder = endpoint is { IsFolder: true };
        var arn = fields.Text("stream_arn", StreamArnPattern(), "the ARN of a stream, such as arn:aws:kinesis:us-west-2:111111111111:stream/cohort-updates");
        var named = Stream(fields, required: !toFolder && !fields.Has("stream_arn"));
        if (fields.Has("stream_arn"))
            fields.Refuse("stream", "give either `stream` or `stream_arn`");
        var region = CommonFields.Region(fields, required: !toFolder && !fields.Has("stream_arn"));
        if (arn is null)
            return (named ?? "", null, region);
        var match = StreamArnPattern().Match(arn);
        var regionOfArn = match.Groups["region"].Value;
        if (region is not null && region != regionOfArn)
            fields.Error("region", $"found \"{region}\", but `stream_arn` lies in {regionOfArn}");
        return (match.Groups["stream"].Value, arn, regionOfArn);
    }

    private static string? ExternalId(FieldReader fields, string? roleArn)
    {
        var text = fields.Text("external_id", ExternalIdPattern(), "the id that the system made, or `none` to switch it off");
        if (text is not null && roleArn is null && !fields.Has("role_arn"))
            fields.Error("external_id", "belongs to a role: there is no role_arn");
        return text;
    }

    private static KinesisLimits Limits(FieldReader fields)
    {
        var normal = KinesisLimits.Default;
        var limits = new KinesisLimits(
            (int)fields.Whole("records_per_request", normal.RequestRecordsMax, 1, normal.RequestRecordsMax),
            (int)fields.Whole("request_bytes", normal.RequestBytesMax, RecordBytesMin, KinesisLimits.LargeBytesMax),
            (int)fields.Whole("record_bytes", normal.RecordBytesMax, RecordBytesMin, KinesisLimits.LargeBytesMax),
            (int)fields.Whole("shard_records_per_second", normal.ShardRecordsPerSecond, 1, ShardRateMax),
            (int)fields.Whole("shard_bytes_per_second", normal.ShardBytesPerSecond, RecordBytesMin, ShardRateMax));
        if (limits.RecordBytesMax > limits.RequestBytesMax)
            fields.Error("record_bytes", $"is {limits.RecordBytesMax}, more than request_bytes ({limits.RequestBytesMax}): such a record could never be sent");
        return limits;
    }

    private static void CheckFormat(FieldReader fields, KinesisDestination destination)
    {
        if (destination.Format == KinesisFormat.Events)
        {
            fields.Refuse("cohorts", "format events forwards what users do, whatever their cohorts are: leave it out");
            fields.Refuse("start", "format events begins with the first record of activity: leave it out");
            if (destination.Cadence != Cadence.RealTime)
                fields.Error("cadence", "format events forwards each event as it comes: leave it out");
            if (destination.Events is { Count: 0 })
                fields.Error("events", "is an empty list, which would send nothing: name the event types, or leave it out for all of them");
            if (destination.Changes != ChangeSelection.Both)
                fields.Error("changes", "format events has no enters and exits: leave it out");
            if (destination.IdentifierField is { } name && !IdentifierFields.IsOfEveryRecord(name))
                fields.Error("identifier_field", $"found \"{name}\": with format events only {IdentifierFields.Words} are known of every record");
            return;
        }

        fields.Refuse("events", "belongs to format events");
        fields.Refuse("identifies", "belongs to format events");
    }

    [GeneratedRegex("^[A-Za-z0-9_.-]{1,128}\\z")]
    private static partial Regex StreamPattern();

    [GeneratedRegex("^arn:aws[a-z-]*:kinesis:(?<region>[a-z0-9-]+):[0-9]{12}:stream/(?<stream>[A-Za-z0-9_.-]{1,128})\\z")]
    private static partial Regex StreamArnPattern();

    [GeneratedRegex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[\\w+=,.@/-]{1,512}\\z", RegexOptions.ECMAScript)]
    private static partial Regex RolePattern();

    /// <summary>What STS accepts, at most as long as a definition needs.</summary>
    [GeneratedRegex("^[\\w+=,.@:/-]{2,128}\\z", RegexOptions.ECMAScript)]
    private static partial Regex ExternalIdPattern();
}
