using System.Text.Json.Nodes;
using Amazon.Runtime;
using CohortPipeline.Sinks;
using CohortPipeline.Sinks.Kinesis;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Aws;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static CohortPipeline.Tests.Integration.Kinesis.SenderFixtures;

namespace CohortPipeline.Tests.Integration.Kinesis;

/// <summary>Sessions of a role that end, are cut off and are refused while a destination is delivered to.</summary>
public sealed class SessionsInARunTests
{
    private const string ExternalId = "5f3c-external";

    /// <summary>Below what a sink takes for a standstill.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(9);

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private static readonly BasicAWSCredentials Anybody = new("test", "test");

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>
    /// Goal: nobody who sends meets STS. Method: six sessions of a quarter of an hour; each renewal is held while records go on
    /// to be delivered under the old one, and comes before that ends.
    /// </summary>
    [Fact]
    public async Task Five_sessions_end_in_a_run_and_no_record_fails_or_waits()
    {
        const int expiries = 5;
        using var aws = New();
        await using var delivery = await BeginAsync(aws);
        await DeliverOne(delivery);
        Assert.Equal(1, aws.Assumed);
        for (var expired = 1; expired <= expiries; expired++)
        {
            var ends = _time.GetUtcNow() + aws.Lifetime;
            var answer = new TaskCompletionSource();
            aws.BeforeAssumed = answer.Task;
            while (aws.Asking < 1)
            {
                Assert.True(_time.GetUtcNow() < ends, "the session was not renewed before it ended");
                _time.Advance(Step);
                await DeliverOne(delivery);
            }

            for (var i = 0; i < 10; i++)
                await DeliverOne(delivery);
            Assert.Equal(expired, aws.Assumed);
            aws.BeforeAssumed = Task.CompletedTask;
            answer.SetResult();
            await Eventually.HoldsAsync(() => aws.Assumed == expired + 1 && aws.Asking == 0, "the next session", Deadline, Cancellation);
        }

        Assert.Equal((expiries + 1, expiries + 1, 0), (aws.Asked, aws.Assumed, aws.Expired));
        Assert.Empty(delivery.Status.Report.Retries);
        AssertStored(aws, delivery);
    }

    [Fact]
    public async Task A_session_that_is_cut_off_costs_one_call_and_no_record()
    {
        using var aws = New();
        await using var delivery = await BeginAsync(aws);
        for (var cut = 1; cut <= 3; cut++)
        {
            await DeliverOne(delivery);
            aws.Revoke();
            await DeliverOne(delivery);
            Assert.Equal((cut + 1, cut), (aws.Assumed, aws.Expired));
        }

        Assert.Empty(delivery.Status.Report.Retries);
        AssertStored(aws, delivery);
    }

    [Fact]
    public async Task A_role_that_is_taken_away_parks_the_destination_which_goes_on_by_itself_when_it_is_given_back()
    {
        using var aws = New();
        await using var delivery = await BeginAsync(aws);
        await DeliverOne(delivery);
        aws.Refuses = true;
        aws.Revoke();
        delivery.Give();
        delivery.Give();
        await delivery.TurnUntilAsync(() => delivery.Status.State == SinkState.Parked);
        Assert.StartsWith("AccessDenied: ", delivery.Status.Report.Reason, StringComparison.Ordinal);
        Assert.Contains("sts:AssumeRole", delivery.Status.Report.Reason, StringComparison.Ordinal);

        // An hour of it: what is refused is asked again, at most about once a minute by the sender and by the renewal each.
        var asked = aws.Asked;
        var until = _time.GetUtcNow().AddHours(1);
        await delivery.TurnUntilAsync(() => _time.GetUtcNow() >= until, Step);
        Assert.InRange(aws.Asked - asked, 10, 400);
        Assert.Equal((SinkState.Parked, 2L), (delivery.Status.State, delivery.Status.Report.Counts.InFlight));

        aws.Refuses = false;
        await delivery.TurnUntilAsync(() => delivery is { HasAll: true, Status.State: SinkState.Live }, Step);
        AssertStored(aws, delivery);
    }

    /// <summary>The same of a role's permissions, on a server that checks them.</summary>
    [Fact]
    public async Task Permissions_that_are_taken_away_park_the_destination_which_goes_on_by_itself_when_they_are_given_back()
    {
        const string role = "WriteCohorts";
        await using var moto = await MotoServer.StartAsync(unauthorizedCalls: 1_000);
        var account = new CustomerAccount(moto.Calls);
        var key = await account.CreateUserAsync(Cancellation);
        await moto.Calls.CreateStreamAsync("guarded", 1, Cancellation);
        var destination = Destination("guarded", moto.Address, $"identifier_field: user_id\nrole_arn: {CustomerAccount.RoleArn(role)}\nexternal_id: {ExternalId}\n");
        var permissions = KinesisPolicies.Permissions(destination, CustomerAccount.Id);
        await account.CreateRoleAsync(role, KinesisPolicies.Trust(destination, CustomerAccount.Id), permissions, Cancellation);
        await moto.Calls.CheckAuthorizationAsync(0, Cancellation);
        await using var delivery = await SteppedDelivery.BeginAsync(
            destination, Sender(moto.Address, moto.Address, destination, new BasicAWSCredentials(key.Id, key.Secret), ExternalId), _time);
        await DeliverOne(delivery);

        // Nothing is under way while the server answers one call of nobody's.
        await moto.Calls.CheckAuthorizationAsync(1, Cancellation);
        await account.TakePermissionsAsync(role, Cancellation);
        delivery.Give();
        await delivery.TurnUntilAsync(() => delivery.Status.State == SinkState.Parked);
        Assert.Contains("AccessDenied", delivery.Status.Report.Reason, StringComparison.Ordinal);
        Assert.Contains("kinesis:PutRecords", delivery.Status.Report.Reason, StringComparison.Ordinal);

        await moto.Calls.CheckAuthorizationAsync(1, Cancellation);
        await account.GivePermissionsAsync(role, permissions, Cancellation);
        await delivery.TurnUntilAsync(() => delivery is { HasAll: true, Status.State: SinkState.Live }, Step);
        await moto.Calls.CheckAuthorizationAsync(1_000, Cancellation);
        var stored = await moto.Calls.ReadStreamAsync("guarded", Cancellation);
        Assert.Equal(["1700000001", "1700000002"], stored.Select(record => (string)JsonNode.Parse(record.Data)!["computed_time"]!));
    }

    private ExpiringSts New() => new(_time) { ExternalId = ExternalId, Lifetime = TimeSpan.FromMinutes(15) };

    private Task<SteppedDelivery> BeginAsync(ExpiringSts aws)
    {
        var destination = Destination("s", aws.Address, "identifier_field: user_id\n");
        return SteppedDelivery.BeginAsync(destination, Sender(aws.Address, aws.Address, destination, Anybody, ExternalId, _time), _time);
    }

    private static async Task DeliverOne(SteppedDelivery delivery)
    {
        delivery.Give();
        await delivery.TurnUntilAsync(() => delivery.HasAll);
        Assert.Equal(SinkState.Live, delivery.Status.State);
    }

    /// <summary>Each record is there once.</summary>
    private static void AssertStored(ExpiringSts aws, SteppedDelivery delivery) => Assert.Equal(delivery.Given, aws.StoredKeys.Count);
}
