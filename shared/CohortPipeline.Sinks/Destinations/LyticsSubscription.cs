using System.Text;

namespace CohortPipeline.Sinks;

/// <summary>
/// Lytics' subscription call as it stands: <c>name</c>, <c>channel</c>, <c>stream</c>, <c>region</c>,
/// <c>identifier_field</c>, <c>segment_ids</c>, <c>role_arn</c>. It becomes a Kinesis destination with Lytics' own payload, in
/// real time, for both directions.
/// </summary>
internal static class LyticsSubscription
{
    private const string Channel = "kinesis";
    private const int SlugLengthMax = 64;

    /// <summary>Ours has a <c>sink</c>; Lytics' a <c>channel</c> or <c>segment_ids</c>.</summary>
    public static bool Is(FieldReader fields) => !fields.Has("sink") && (fields.Has("channel") || fields.Has("segment_ids"));

    public static KinesisDestination Read(FieldReader fields)
    {
        var name = fields.Text("name", expected: "the name of the subscription", required: true) ?? "";
        var channel = fields.Text("channel", expected: "`kinesis`", required: true);
        if (channel is not (null or Channel))
            fields.Error("channel", $"`{channel}` is not supported: only `{Channel}` is");
        var id = Slug(name);
        if (id.Length == 0 && fields.Has("name"))
            fields.Error("name", "has no letter or digit to make an id of");
        var destination = new KinesisDestination
        {
            Id = id,
            Cohorts = CommonFields.Cohorts(fields, "segment_ids"),
            Cadence = Cadence.RealTime,
            Region = CommonFields.Region(fields, required: true),
            Stream = KinesisFields.Stream(fields, required: true) ?? "",
            RoleArn = KinesisFields.RoleArn(fields),
            Format = KinesisFormat.LyticsTrigger,
            IdentifierField = KinesisFields.IdentifierField(fields),
        };
        fields.RefuseUnknown("Lytics' subscription call");
        return destination;
    }

    /// <summary>Letters and digits of ASCII in lower case, a <c>-</c> for anything between them.</summary>
    public static string Slug(string name)
    {
        var slug = new StringBuilder();
        foreach (var character in name.ToLowerInvariant())
        {
            if (char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character))
                slug.Append(character);
            else if (slug.Length > 0 && slug[^1] != '-')
                slug.Append('-');
        }

        return slug.ToString(0, Math.Min(slug.Length, SlugLengthMax)).Trim('-');
    }
}
