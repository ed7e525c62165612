using Microsoft.Extensions.DependencyInjection;

namespace CohortPipeline.Sinks.Kinesis;

/// <summary>Lets control show the policies of Kinesis destinations.</summary>
public static class KinesisPolicyPrinter
{
    private const int AccountDigits = 12;

    public static void AddKinesisPolicies(this IServiceCollection services) => services.AddSingleton(new PolicyPrinter(KinesisDestination.SinkName, Print));

    private static PolicyDocument[] Print(Destination destination, PolicyRequest request)
    {
        var ours = (KinesisDestination)destination;
        if (ours.Endpoint is { IsFolder: true })
            throw new ArgumentException($"`{ours.Id}` writes to a folder: there is no role that needs policies.");
        if (request.Account is not { Length: AccountDigits } account || !account.All(char.IsAsciiDigit))
            throw new ArgumentException($"found account `{request.Account}`, expected the {AccountDigits} digits of the AWS account that the pipeline runs in: --account 111111111111");
        return
        [
            new("trust policy of the role", KinesisPolicies.Trust(ours, account)),
            new("permission policy of the role", KinesisPolicies.Permissions(ours, account)),
        ];
    }
}
