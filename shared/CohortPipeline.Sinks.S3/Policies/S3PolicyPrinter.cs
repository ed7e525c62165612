using Microsoft.Extensions.DependencyInjection;

namespace CohortPipeline.Sinks.S3.Policies;

/// <summary>Lets control show the bucket policies of S3 destinations.</summary>
public static class S3PolicyPrinter
{
    public static void AddS3Policies(this IServiceCollection services) => services.AddSingleton(new PolicyPrinter(S3Destination.SinkName, Print));

    private static PolicyDocument[] Print(Destination destination, PolicyRequest request)
    {
        var ours = (S3Destination)destination;
        if (ours.Endpoint is { IsFolder: true })
            throw new ArgumentException($"`{ours.Id}` writes to a folder: there is no bucket that needs a policy.");
        if (request.Principal is not { Length: > 0 } principal)
            throw new ArgumentException("found no principal, expected the ARN that the sink runs as: --principal arn:aws:iam::111111111111:role/…");
        return [new($"bucket policy of {ours.Bucket}", BucketPolicy.Render(ours, principal))];
    }
}
