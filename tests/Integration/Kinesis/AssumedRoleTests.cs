using System.Net;
using Amazon.Runtime;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.Kinesis;
using CohortPipeline.TestKit.Aws;
using Xunit;
using static CohortPipeline.Tests.Integration.Kinesis.SenderFixtures;

namespace CohortPipeline.Tests.Integration.Kinesis;

/// <summary>The role of a destination: assumed with its external id, renewed before it ends.</summary>
public sealed class AssumedRoleTests
{
    private const string ExternalId = "0123456789abcdef0123456789abcdef";

    private static readonly BasicAWSCredentials Anybody = new("test", "test");

    /// <summary>The policies printed for a customer, on a server that checks signatures, sessions and trust.</summary>
    [Fact]
    public async Task The_printed_policies_let_us_in_and_a_wrong_external_id_does_not()
    {
        await using var moto = await MotoServer.StartAsync(unauthorizedCalls: 1_000);
        await moto.Calls.CreateStreamAsync("trusted", 1, TestContext.Current.CancellationToken);
        var destination = Destination("trusted", moto.Address, $"role_arn: arn:aws:iam::123456789012:role/WriteCohorts\nexternal_id: {ExternalId}\n");
        var account = new CustomerAccount(moto.Calls);
        var key = await account.CreateUserAsync(TestContext.Current.CancellationToken);
        var user = new BasicAWSCredentials(key.Id, key.Secret);
        await account.CreateRoleAsync("WriteCohorts", KinesisPolicies.Trust(destination, CustomerAccount.Id), KinesisPolicies.Permissions(destination, CustomerAccount.Id), TestContext.Current.CancellationToken);
        await moto.Calls.CheckAuthorizationAsync(0, TestContext.Current.CancellationToken);

        await using var sender = Sender(moto.Address, moto.Address, destination, user, ExternalId);
        var accepted = await sender.SendAsync(Request(("a", [1])), TestContext.Current.CancellationToken);
        Assert.True(accepted.Entries is [{ Code: null }], $"{accepted.Code}: {accepted.Detail}");

        await using var stranger = Sender(moto.Address, moto.Address, destination, user, "somebody-elses");
        var refused = await stranger.SendAsync(Request(("a", [1])), TestContext.Current.CancellationToken);
        Assert.Equal(FailureKind.Refused, refused.Kind);
        Assert.Contains("AccessDenied", refused.Code, StringComparison.Ordinal);
        Assert.StartsWith("sts:AssumeRole of arn:aws:iam::123456789012:role/WriteCohorts", refused.Detail, StringComparison.Ordinal);

        var unsigned = Destination("trusted", moto.Address);
        await using var outsider = new KinesisSender(Client(moto.Address, Anybody), unsigned, null);
        Assert.Equal(FailureKind.Refused, (await outsider.SendAsync(Request(("a", [1])), TestContext.Current.CancellationToken)).Kind);
    }

    [Fact]
    public async Task Sessions_of_five_seconds_are_renewed_before_they_end_and_no_request_fails()
    {
        const int sessions = 4;
        using var aws = new ExpiringSts { ExternalId = ExternalId };
        await using var sender = Sender(aws.Address, aws.Address, Destination("s", aws.Address), Anybody, ExternalId);
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (aws.Assumed < sessions)
        {
            await pace.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            Assert.Equal([null], (await sender.SendAsync(Request(("a", [1])), TestContext.Current.CancellationToken)).Codes());
        }

        Assert.Equal(0, aws.Expired);
        Assert.All(aws.SessionNames, name => Assert.Equal("cohort-pipeline-ads", name));
    }

    [Fact]
    public async Task An_expired_token_is_renewed_once_at_once_and_the_call_made_again()
    {
        using var aws = new ExpiringSts { ExternalId = ExternalId, Lifetime = TimeSpan.FromHours(1) };
        await using var sender = Sender(aws.Address, aws.Address, Destination("s", aws.Address), Anybody, ExternalId);
        await sender.SendAsync(Request(("before", [1])), TestContext.Current.CancellationToken);
        aws.Revoke();
        var responses = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => sender.SendAsync(Request(($"after-{number}", [1])), TestContext.Current.CancellationToken)));
        Assert.All(responses, response => Assert.Equal([null], response.Codes()));
        Assert.Equal(2, aws.Assumed);
        Assert.Equal(9, aws.StoredKeys.Distinct().Count());
        Assert.Equal(9, aws.StoredKeys.Count);
    }

    [Fact]
    public async Task Entries_that_were_rejected_are_told_by_position()
    {
        using var aws = new ExpiringSts
        {
            OnPutRecords = _ => (HttpStatusCode.OK, """
                {"FailedRecordCount":2,"Records":[
                  {"ErrorCode":"ProvisionedThroughputExceededException","ErrorMessage":"Rate exceeded"},
                  {"SequenceNumber":"1","ShardId":"shardId-000000000000"},
                  {"ErrorCode":"InternalFailure","ErrorMessage":"Internal Service Failure"}]}
                """),
        };
        await using var sender = new KinesisSender(Client(aws.Address, Anybody), Destination("s", aws.Address), null);
        var response = await sender.SendAsync(Request(("a", [1]), ("b", [2]), ("c", [3])), TestContext.Current.CancellationToken);
        Assert.Equal(["ProvisionedThroughputExceededException", null, "InternalFailure"], response.Codes());
    }

    [Theory]
    [InlineData(HttpStatusCode.BadRequest, "AccessDeniedException", FailureKind.Refused)]
    [InlineData(HttpStatusCode.BadRequest, "ResourceNotFoundException", FailureKind.Refused)]
    [InlineData(HttpStatusCode.BadRequest, "KMSDisabledException", FailureKind.Refused)]
    [InlineData(HttpStatusCode.BadRequest, "InvalidArgumentException", FailureKind.Refused)]
    [InlineData(HttpStatusCode.BadRequest, "ProvisionedThroughputExceededException", FailureKind.Transient)]
    [InlineData(HttpStatusCode.BadRequest, "KMSThrottlingException", FailureKind.Transient)]
    [InlineData(HttpStatusCode.BadRequest, "ExpiredTokenException", FailureKind.Transient)]
    [InlineData(HttpStatusCode.InternalServerError, "InternalFailure", FailureKind.Transient)]
    [InlineData(HttpStatusCode.ServiceUnavailable, "ServiceUnavailable", FailureKind.Transient)]
    public async Task A_call_that_failed_says_whether_it_passes(HttpStatusCode status, string code, FailureKind kind)
    {
        using var aws = new ExpiringSts { OnPutRecords = _ => (status, $$"""{"__type":"com.amazonaws.kinesis.v20131202#{{code}}","message":"because"}""") };
        await using var sender = new KinesisSender(Client(aws.Address, Anybody), Destination("s", aws.Address), null);
        var response = await sender.SendAsync(Request(("a", [1])), TestContext.Current.CancellationToken);
        Assert.Equal((kind, code, "kinesis:PutRecords: because"), (response.Kind, response.Code, response.Detail));
    }

    [Fact]
    public async Task An_answer_that_is_none_passes()
    {
        using var aws = new ExpiringSts { OnPutRecords = _ => (HttpStatusCode.BadGateway, "<html>") };
        await using var sender = new KinesisSender(Client(aws.Address, Anybody), Destination("s", aws.Address), null);
        Assert.Equal(FailureKind.Transient, (await sender.SendAsync(Request(("a", [1])), TestContext.Current.CancellationToken)).Kind);
    }
}
