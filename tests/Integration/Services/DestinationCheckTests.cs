using System.Text.Json;
using System.Text.Json.Nodes;
using Amazon.Runtime;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.Kinesis;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Aws;
using CohortPipeline.TestKit.Processes;
using Xunit;

namespace CohortPipeline.Tests.Integration.Services;

/// <summary>
/// <c>cohortctl destinations check</c> as people run it, against a server that checks signatures, sessions and trust. That one
/// cannot simulate policies: IAM is another, which answers by a script.
/// </summary>
public sealed class DestinationCheckTests(VersityGateway gateway) : IDisposable
{
    private const string Role = "WriteCohorts";
    private const string Stream = "checked";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    private readonly string _folder = Directory.CreateTempSubdirectory("check-").FullName;
    private readonly int _port = Ports.Free();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_role_a_wrong_external_id_the_permissions_and_a_record_are_tried_and_what_fails_is_said()
    {
        using var iam = new ExpiringSts();
        await using var moto = await MotoServer.StartAsync(unauthorizedCalls: 1_000);
        var account = new CustomerAccount(moto.Calls);
        var key = await account.CreateUserAsync(Cancellation);
        await moto.Calls.CreateStreamAsync(Stream, 1, Cancellation);
        await using var pipeline = await Start(new BasicAWSCredentials(key.Id, key.Secret), ("AWS_ENDPOINT_URL_STS", moto.Address), ("AWS_ENDPOINT_URL_IAM", iam.Address));
        await CreateRole(account, Role, await Add("ads", Role, moto.Address));
        await CreateRole(account, "Open", await Add("open", "Open", moto.Address) with { ExternalId = KinesisDestination.NoExternalId });
        await CreateRole(account, "Others", await Add("stranger", "Others", moto.Address) with { ExternalId = "somebody-elses" });
        await moto.Calls.CheckAuthorizationAsync(0, Cancellation);

        Assert.Equal(
            ["exit 0", "passed assume role", "passed wrong external id is refused", "passed kinesis:PutRecord", "passed kinesis:PutRecords", "skipped send"], await Check("ads"));
        Assert.Empty(await StoredAsync(moto));

        var lines = await Check("ads", "--send");
        Assert.Equal(["exit 0", "passed send"], [lines[0], lines[^1]]);
        var probe = JsonNode.Parse(Assert.Single(await StoredAsync(moto)).Data)!;
        Assert.Equal(("cohort-pipeline-check", 0), ((string)probe["cohort_id"]!, probe["users"]!.AsArray().Count));

        iam.Decide = (_, action) => action == "kinesis:PutRecords" ? "implicitDeny" : "allowed";
        Assert.Equal(
            ["exit 1", "passed assume role", "passed wrong external id is refused", "passed kinesis:PutRecord", "failed kinesis:PutRecords", "skipped send"], await Check("ads"));
        var text = await Run("destinations", "check", "ads");
        Assert.Equal(1, text.ExitCode);
        Assert.Matches("pass +assume role +arn:aws:iam::123456789012:role/WriteCohorts", text.Output);
        Assert.Matches("FAIL +kinesis:PutRecords +implicitDeny on arn:aws:kinesis:us-west-2:123456789012:stream/checked", text.Output);
        iam.Decide = (_, _) => "allowed";

        lines = await Check("open");
        Assert.Equal(["exit 1", "failed wrong external id is refused"], [lines[0], lines[2]]);
        Assert.Equal(["exit 1", "failed assume role", "skipped wrong external id is refused", "skipped permissions", "skipped send"], await Check("stranger"));
        Assert.Equal(1, (await Run("destinations", "check", "absent")).ExitCode);
    }

    [Fact]
    public async Task A_bucket_and_a_folder_are_tried()
    {
        var exports = gateway.CreateBucket("checked-exports");
        await using var pipeline = await Start(VersityGateway.Credentials);
        var endpoint = await gateway.AddressAsync();
        await AddText("bucket", $"id: bucket\nsink: s3\ncohorts: [\"*\"]\nbucket: checked-exports\npath: cohorts\nregion: us-east-1\nendpoint: {endpoint}\n");
        await AddText("no-bucket", $"id: no-bucket\nsink: s3\ncohorts: [\"*\"]\nbucket: no-such-bucket\nregion: us-east-1\nendpoint: {endpoint}\n");
        await AddText("folder", $"id: folder\nsink: kinesis\ncohorts: [\"*\"]\nformat: amplitude-cohort\nendpoint: file:{_folder}/out\n");

        Assert.Equal(["exit 0", "passed s3:ListBucketMultipartUploads", "skipped s3:PutObject"], await Check("bucket"));
        Assert.False(Directory.Exists(Path.Combine(exports, "cohorts")));
        Assert.Equal(
            ["exit 0", "passed s3:ListBucketMultipartUploads", "passed s3:PutObject", "passed nothing is overwritten", "passed s3:GetObject", "passed upload in parts", "passed s3:AbortMultipartUpload"],
            await Check("bucket", "--send"));
        Assert.True(File.Exists(Path.Combine(exports, "cohorts", "cohort-pipeline-check.txt")));
        Assert.Equal(["exit 1", "failed s3:ListBucketMultipartUploads"], (await Check("no-bucket"))[..2]);
        Assert.Equal(["exit 0", "passed folder"], await Check("folder"));
    }

    private static async Task<IReadOnlyList<StreamRecord>> StoredAsync(MotoServer moto)
    {
        await moto.Calls.CheckAuthorizationAsync(100, Cancellation);
        var stored = await moto.Calls.ReadStreamAsync(Stream, Cancellation);
        await moto.Calls.CheckAuthorizationAsync(0, Cancellation);
        return stored;
    }

    private async Task<ServiceProcess> Start(AWSCredentials credentials, params (string Name, Uri Value)[] endpoints)
    {
        var keys = await credentials.GetCredentialsAsync();
        var environment = endpoints.ToDictionary(endpoint => endpoint.Name, endpoint => endpoint.Value.ToString());
        (environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"]) = (keys.AccessKey, keys.SecretKey);
        (environment["Http__Port"], environment["Pipeline__Log"], environment["Pipeline__Data"]) = ($"{_port}", "Embedded", Path.Combine(_folder, "log"));
        var process = ServiceProcess.Start("control-api", environment);
        await process.ReadyAsync(_port, Deadline, Cancellation);
        return process;
    }

    private static Task CreateRole(CustomerAccount account, string name, KinesisDestination destination) => account.CreateRoleAsync(
        name, KinesisPolicies.Trust(destination, CustomerAccount.Id), KinesisPolicies.Permissions(destination, CustomerAccount.Id), Cancellation);

    /// <summary>Answers what was added, with the external id that was made for it.</summary>
    private async Task<KinesisDestination> Add(string id, string role, Uri server)
    {
        var text = $"id: {id}\nsink: kinesis\ncohorts: [\"*\"]\nregion: {MotoServer.Region}\nstream: {Stream}\nendpoint: {server}\nformat: amplitude-cohort\nrole_arn: {CustomerAccount.RoleArn(role)}\n";
        var added = await AddText(id, text);
        return (KinesisDestination)DestinationText.Read(text).Destinations[0] with { ExternalId = added.GetProperty("external_id").GetString() };
    }

    private async Task<JsonElement> AddText(string id, string text)
    {
        var file = Path.Combine(_folder, $"{id}.yaml");
        await File.WriteAllTextAsync(file, text, Cancellation);
        var (exitCode, added) = await CohortCtl.JsonAsync(_folder, Cancellation, "destinations", "add", file, "--server", $"http://127.0.0.1:{_port}");
        Assert.True(exitCode == 0, $"{added}");
        return added.GetProperty("destinations")[0];
    }

    /// <summary>The exit code, then what came of each line.</summary>
    private async Task<string[]> Check(string id, params string[] more)
    {
        var (exitCode, output) = await CohortCtl.JsonAsync(_folder, Cancellation, ["destinations", "check", id, .. more, "--server", $"http://127.0.0.1:{_port}"]);
        Assert.True(output.TryGetProperty("lines", out var lines), $"{output}");
        return [$"exit {exitCode}", .. lines.EnumerateArray().Select(line => $"{line.GetProperty("outcome").GetString()} {line.GetProperty("name").GetString()}")];
    }

    private Task<CommandResult> Run(params string[] arguments) => CohortCtl.RunAsync(_folder, Cancellation, [.. arguments, "--server", $"http://127.0.0.1:{_port}"]);
}
