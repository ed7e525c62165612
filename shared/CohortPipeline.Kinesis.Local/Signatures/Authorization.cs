namespace CohortPipeline.Kinesis.Local;

/// <summary>
/// The header <c>Authorization: AWS4-HMAC-SHA256 Credential=ID/DATE/REGION/SERVICE/aws4_request, SignedHeaders=a;b, Signature=HEX</c>.
/// </summary>
/// <param name="Date">As <c>20260131</c>.</param>
/// <param name="SignedHeaders">Names, as they stand there.</param>
internal sealed record Authorization(string KeyId, string Date, string Region, string Service, IReadOnlyList<string> SignedHeaders, string Signature)
{
    public const string Algorithm = "AWS4-HMAC-SHA256";
    public const string Terminator = "aws4_request";

    private const int ScopeParts = 5;

    public string Scope => $"{Date}/{Region}/{Service}/{Terminator}";

    /// <summary>Null where the text is no such header.</summary>
    public static Authorization? Parse(string header)
    {
        if (!header.StartsWith(Algorithm + " ", StringComparison.Ordinal))
            return null;
        var members = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var member in header[Algorithm.Length..].Split(',', StringSplitOptions.TrimEntries))
        {
            var equals = member.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
                return null;
            members[member[..equals]] = member[(equals + 1)..];
        }

        if (!members.TryGetValue("Credential", out var credential) || !members.TryGetValue("SignedHeaders", out var headers) || !members.TryGetValue("Signature", out var signature))
            return null;
        var scope = credential.Split('/');
        return scope.Length == ScopeParts && scope[^1] == Terminator ? new(scope[0], scope[1], scope[2], scope[3], headers.Split(';'), signature) : null;
    }
}
