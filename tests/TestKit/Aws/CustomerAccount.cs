using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace CohortPipeline.TestKit.Aws;

/// <summary>An access key of a user.</summary>
public sealed record AccessKey(string Id, string Secret);

/// <summary>The account on a <see cref="MotoServer"/> in which the pipeline is a user and destinations are roles. Set up before the server checks authorization.</summary>
public sealed class CustomerAccount(MotoCalls calls)
{
    public const string Id = "123456789012";

    private const string UserName = "pipeline";
    private const string PolicyName = "write";
    private const string MayAssume = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}]}""";

    /// <summary>The pipeline's own user, who may do nothing but assume roles.</summary>
    public async Task<AccessKey> CreateUserAsync(CancellationToken cancellation)
    {
        await IamAsync("CreateUser", cancellation, ("UserName", UserName));
        await IamAsync("PutUserPolicy", cancellation, ("UserName", UserName), ("PolicyName", "assume"), ("PolicyDocument", MayAssume));
        var key = (await IamAsync("CreateAccessKey", cancellation, ("UserName", UserName))).Descendants("AccessKey").Single();
        return new(key.Element("AccessKeyId")!.Value, key.Element("SecretAccessKey")!.Value);
    }

    /// <summary>
    /// A role with the policies that were printed for it, but for two things that the server does not understand: an account's
    /// <c>root</c> for all its users, and permissions of Kinesis on one stream.
    /// </summary>
    public async Task CreateRoleAsync(string name, string trustPolicy, string permissionPolicy, CancellationToken cancellation)
    {
        await IamAsync("CreateRole", cancellation, ("RoleName", name), ("AssumeRolePolicyDocument", trustPolicy.Replace(":root", $":user/{UserName}", StringComparison.Ordinal)));
        await GivePermissionsAsync(name, permissionPolicy, cancellation);
    }

    public async Task GivePermissionsAsync(string name, string permissionPolicy, CancellationToken cancellation)
    {
        var permissions = JsonNode.Parse(permissionPolicy)!;
        permissions["Statement"]![0]!["Resource"] = "*";
        await IamAsync("PutRolePolicy", cancellation, ("RoleName", name), ("PolicyName", PolicyName), ("PolicyDocument", permissions.ToJsonString()));
    }

    public Task TakePermissionsAsync(string name, CancellationToken cancellation) =>
        IamAsync("DeleteRolePolicy", cancellation, ("RoleName", name), ("PolicyName", PolicyName));

    public static string RoleArn(string name) => $"arn:aws:iam::{Id}:role/{name}";

    private Task<XElement> IamAsync(string action, CancellationToken cancellation, params (string Name, string Value)[] parameters) =>
        calls.QueryAsync("iam", parameters.Prepend(("Action", action)).Append(("Version", "2010-05-08")).ToDictionary(pair => pair.Item1, pair => pair.Item2), cancellation);
}
