using Amazon.Runtime;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>Credentials that end.</summary>
internal sealed record Session(ImmutableCredentials Credentials, DateTimeOffset ExpiresAt)
{
    private const int ShortSessionParts = 3;

    private static readonly TimeSpan RenewalLead = TimeSpan.FromMinutes(5);

    public DateTimeOffset AssumedAt { get; init; }

    /// <summary>Five minutes before it ends, or at two thirds of a short one.</summary>
    public DateTimeOffset RenewAt
    {
        get
        {
            var third = (ExpiresAt - AssumedAt) / ShortSessionParts;
            return ExpiresAt - (third < RenewalLead ? third : RenewalLead);
        }
    }
}

/// <summary>Where sessions come from: STS, or a test's.</summary>
internal interface ISessionSource : IDisposable
{
    /// <summary>Whose sessions they are.</summary>
    string DestinationId { get; }

    Task<Session> AssumeAsync(CancellationToken cancellation);
}

/// <summary><c>sts:AssumeRole</c> of one destination's role.</summary>
internal sealed class AssumedRole(IAmazonSecurityTokenService sts, string roleArn, string destinationId, string? externalId) : ISessionSource
{
    private const int SessionNameCharactersMax = 64;

    public string DestinationId => destinationId;

    /// <summary>What the customer sees in their CloudTrail.</summary>
    public static string SessionName(string destinationId)
    {
        var name = $"cohort-pipeline-{destinationId}";
        return name.Length <= SessionNameCharactersMax ? name : name[..SessionNameCharactersMax];
    }

    public async Task<Session> AssumeAsync(CancellationToken cancellation)
    {
        var request = new AssumeRoleRequest { RoleArn = roleArn, RoleSessionName = SessionName(destinationId), ExternalId = externalId };
        var response = await sts.AssumeRoleAsync(request, cancellation);
        var credentials = response.Credentials;
        var expiresAt = credentials.Expiration ?? throw new AmazonClientException("sts:AssumeRole answered credentials without an end");
        return new(
            new(credentials.AccessKeyId, credentials.SecretAccessKey, credentials.SessionToken),
            new DateTimeOffset(DateTime.SpecifyKind(expiresAt.ToUniversalTime(), DateTimeKind.Utc)));
    }

    public void Dispose() => sts.Dispose();
}
