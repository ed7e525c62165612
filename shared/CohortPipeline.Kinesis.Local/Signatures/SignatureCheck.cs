using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace CohortPipeline.Kinesis.Local;

/// <summary>What a signature stands over.</summary>
/// <param name="path">As it came, with its escapes.</param>
/// <param name="query">Without the question mark; of one parameter at most, since none of the service's calls has any.</param>
internal readonly ref struct SignedRequest(string method, string path, string query, IHeaderDictionary headers, ReadOnlySpan<byte> body)
{
    public string Method { get; } = method;

    public string Path { get; } = path;

    public string Query { get; } = query;

    public IHeaderDictionary Headers { get; } = headers;

    public ReadOnlySpan<byte> Body { get; } = body;
}

/// <summary>Checks Signature Version 4 as the service does; the body is hashed once.</summary>
internal sealed class SignatureCheck(AccessKeys keys, string region)
{
    private const string Service = "kinesis";
    private const string DateHeader = "x-amz-date";
    private const string TokenHeader = "x-amz-security-token";
    private const string InstantFormat = "yyyyMMdd'T'HHmmss'Z'";
    private const string Invalid = "InvalidSignatureException";

    private static readonly TimeSpan ClockSkewMax = TimeSpan.FromMinutes(5);

    /// <summary>Why the request is refused; null if it is not.</summary>
    public KinesisError? Check(in SignedRequest request, DateTimeOffset now)
    {
        string? header = request.Headers.Authorization;
        if (string.IsNullOrEmpty(header))
            return new("MissingAuthenticationTokenException", "Missing Authentication Token");
        string? date = request.Headers[DateHeader];
        if (Authorization.Parse(header) is not { } authorization || !DateTimeOffset.TryParseExact(date, InstantFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var signedAt))
            return new("IncompleteSignatureException", $"Authorization header requires 'Credential', 'SignedHeaders', 'Signature' and a header 'X-Amz-Date'. Authorization={header}");
        var key = keys.Find(authorization.KeyId);
        if (key is null || (key.SessionToken ?? "") != request.Headers[TokenHeader].ToString())
            return new("UnrecognizedClientException", "The security token included in the request is invalid.");
        if (key.Expires <= now)
            return new("ExpiredTokenException", "The security token included in the request is expired");
        return CheckScope(authorization, date!) ?? CheckInstant(signedAt, now) ?? CheckHeaders(authorization, request.Headers) ?? CheckSignature(request, authorization, date!, key.Secret);
    }

    private KinesisError? CheckScope(Authorization authorization, string date)
    {
        if (authorization.Region != region)
            return new(Invalid, $"Credential should be scoped to a valid region, not '{authorization.Region}'. ");
        if (authorization.Service != Service)
            return new(Invalid, $"Credential should be scoped to correct service: '{Service}'. ");
        return date.StartsWith(authorization.Date, StringComparison.Ordinal)
            ? null
            : new(Invalid, $"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{authorization.Date}' != '{date}'.");
    }

    private static KinesisError? CheckInstant(DateTimeOffset signedAt, DateTimeOffset now)
    {
        if (signedAt < now - ClockSkewMax)
            return new(Invalid, $"Signature expired: {Text(signedAt)} is now earlier than {Text(now - ClockSkewMax)} ({Text(now)} - {ClockSkewMax.TotalMinutes} min.)");
        return signedAt > now + ClockSkewMax
            ? new(Invalid, $"Signature not yet current: {Text(signedAt)} is still later than {Text(now + ClockSkewMax)} ({Text(now)} + {ClockSkewMax.TotalMinutes} min.)")
            : null;
    }

    /// <summary>A header that means something must be signed.</summary>
    private static KinesisError? CheckHeaders(Authorization authorization, IHeaderDictionary headers)
    {
        foreach (var name in headers.Keys.Select(name => name.ToLowerInvariant()).Where(name => name == "host" || name.StartsWith("x-amz-", StringComparison.Ordinal)))
        {
            if (!authorization.SignedHeaders.Contains(name))
                return new(Invalid, $"'{name}' must be a 'SignedHeader' in the AWS Authorization.");
        }

        return null;
    }

    private static KinesisError? CheckSignature(in SignedRequest request, Authorization authorization, string date, string secret)
    {
        var toSign = $"{Authorization.Algorithm}\n{date}\n{authorization.Scope}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(CanonicalRequest(request, authorization))))}";
        var key = Hmac(Encoding.UTF8.GetBytes("AWS4" + secret), authorization.Date);
        foreach (var part in new[] { authorization.Region, authorization.Service, Authorization.Terminator })
            key = Hmac(key, part);
        var signature = Convert.ToHexStringLower(Hmac(key, toSign));
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(signature), Encoding.UTF8.GetBytes(authorization.Signature))
            ? null
            : new(Invalid, "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.");
    }

    private static string CanonicalRequest(in SignedRequest request, Authorization authorization)
    {
        var text = new StringBuilder();
        text.Append(request.Method).Append('\n').Append(request.Path).Append('\n').Append(request.Query).Append('\n');
        foreach (var name in authorization.SignedHeaders)
            text.Append(name).Append(':').AppendJoin(',', request.Headers[name].Select(value => CollapseSpaces(value!))).Append('\n');
        text.Append('\n').AppendJoin(';', authorization.SignedHeaders).Append('\n');
        return text.Append(Convert.ToHexStringLower(SHA256.HashData(request.Body))).ToString();
    }

    private static string CollapseSpaces(string value) => string.Join(' ', value.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static byte[] Hmac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));

    private static string Text(DateTimeOffset instant) => instant.UtcDateTime.ToString(InstantFormat, CultureInfo.InvariantCulture);
}
