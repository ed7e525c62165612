using Amazon.IdentityManagement;
using Amazon.Runtime;
using CohortPipeline.Log;
using Microsoft.Extensions.Logging.Abstractions;

namespace CohortPipeline.Sinks.Kinesis.Checks;

/// <summary>
/// Tries what a sink will do, a step at a time: assume the role, be refused with a wrong external id, have the permissions, and
/// put a record, the last only where it is asked for.
/// </summary>
internal sealed class KinesisCheck(KinesisDestination destination, TimeProvider time)
{
    private const string AssumeName = "assume role";
    private const string WrongIdName = "wrong external id is refused";
    private const string PermissionsName = "permissions";
    private const string SendName = "send";
    private const string Allowed = "allowed";
    private const string CheckKey = "cohort-pipeline-check";

    private static readonly List<string> Actions = ["kinesis:PutRecord", "kinesis:PutRecords"];

    private readonly List<CheckLine> _lines = [];

    public async Task<IReadOnlyList<CheckLine>> RunAsync(bool send, CancellationToken cancellation)
    {
        if (destination.Endpoint is { Folder: { } folder })
        {
            CheckFolder(folder);
            return _lines;
        }

        if (destination.RoleArn is null)
            _lines.Add(CheckLine.Skip(AssumeName, "the destination has no role_arn: the credentials of its process are used, and nobody can say here what they are"));
        else
            await CheckRole(destination.RoleArn, cancellation);
        if (!send)
            _lines.Add(CheckLine.Skip(SendName, "nothing was sent; --send puts one record that means no change"));
        else if (destination.Format == KinesisFormat.Events)
            _lines.Add(CheckLine.Skip(SendName, "nothing was sent: an event that means nothing to its receivers does not exist"));
        else
            await Send(cancellation);
        return _lines;
    }

    private async Task CheckRole(string role, CancellationToken cancellation)
    {
        var session = await TryAssume(AssumeName, cancellation);
        await CheckWrongId(session is not null, cancellation);
        if (session is null)
            _lines.Add(CheckLine.Skip(PermissionsName, "they cannot be simulated without the role"));
        else
            await Simulate(role, session, cancellation);
    }

    private async Task<Session?> TryAssume(string name, CancellationToken cancellation)
    {
        using var role = Senders.RoleOf(destination, Senders.ExternalIdOf(destination));
        try
        {
            var session = await role.AssumeAsync(cancellation);
            _lines.Add(CheckLine.Pass(name, $"{destination.RoleArn}, until {session.ExpiresAt:O}"));
            return session;
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            _lines.Add(CheckLine.Fail(name, $"{ReasonOf(exception, $"sts:AssumeRole of {destination.RoleArn}")}; `cohortctl destinations policy` prints the trust policy"));
            return null;
        }
    }

    private async Task CheckWrongId(bool isAssumed, CancellationToken cancellation)
    {
        if (Senders.ExternalIdOf(destination) is null)
        {
            _lines.Add(CheckLine.Skip(WrongIdName, "the destination has no external id"));
            return;
        }

        using var role = Senders.RoleOf(destination, DestinationAdmission.NewExternalId());
        try
        {
            await role.AssumeAsync(cancellation);
            _lines.Add(CheckLine.Fail(WrongIdName, $"{destination.RoleArn} lets in whoever names it: its trust policy lacks the condition on sts:ExternalId that `cohortctl destinations policy` prints"));
        }
        catch (AmazonServiceException exception) when (exception.ErrorCode?.StartsWith("AccessDenied", StringComparison.Ordinal) == true)
        {
            _lines.Add(isAssumed ? CheckLine.Pass(WrongIdName, exception.ErrorCode) : CheckLine.Skip(WrongIdName, "it is, and so is the right one"));
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            _lines.Add(CheckLine.Fail(WrongIdName, ReasonOf(exception, $"sts:AssumeRole of {destination.RoleArn}")));
        }
    }

    private async Task Simulate(string role, Session session, CancellationToken cancellation)
    {
        var config = new AmazonIdentityManagementServiceConfig(KinesisPolicies.PartitionOf(destination));
        Senders.Bound(config);
        var credentials = new SessionAWSCredentials(session.Credentials.AccessKey, session.Credentials.SecretKey, session.Credentials.Token);
        using var client = new AmazonIdentityManagementServiceClient(credentials, config);
        var stream = KinesisPolicies.StreamArn(destination, streamAccount: "");
        try
        {
            var response = await client.SimulatePrincipalPolicyAsync(new() { PolicySourceArn = role, ActionNames = Actions, ResourceArns = [stream] }, cancellation);
            foreach (var action in Actions)
                _lines.Add(Judge(action, stream, response.EvaluationResults.Find(result => result.EvalActionName == action)?.EvalDecision));
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            _lines.Add(CheckLine.Fail(PermissionsName, $"{ReasonOf(exception, "iam:SimulatePrincipalPolicy")}; `cohortctl destinations policy` prints the permission policy"));
        }
    }

    private static CheckLine Judge(string action, string stream, string? decision) => decision == Allowed
        ? CheckLine.Pass(action, $"allowed on {stream}")
        : CheckLine.Fail(action, $"{decision ?? "no answer"} on {stream}; `cohortctl destinations policy` prints the permission policy");

    private async Task Send(CancellationToken cancellation)
    {
        await using var sender = Senders.Open(destination, time, NullLogger.Instance);
        var record = new OutboundRecord();
        record.Fill(new(new(CheckKey, 0), new(0, AcceptedAhead.None(0)), CommittedPosition.None, new()), "cohort-pipeline-check"u8, ProbeRecord.Of(destination, time.GetUtcNow()), happenedAt: 0);
        var request = new DeliveryRequest();
        request.Start(1, 0);
        request.Add(record);
        var response = await sender.SendAsync(request, cancellation);
        _lines.Add(response switch
        {
            { Entries: [{ Code: null } entry] } => CheckLine.Pass(SendName, $"one record that means no change, to {entry.ShardId}"),
            { Entries: [{ Code: { } code }] } => CheckLine.Fail(SendName, code),
            _ => CheckLine.Fail(SendName, $"{response.Code}: {response.Detail}"),
        });
    }

    /// <summary>The sink has its own place in the folder's file: nothing is written into that.</summary>
    private void CheckFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            File.Create(Path.Combine(folder, $".{CheckKey}"), bufferSize: 1, FileOptions.DeleteOnClose).Dispose();
            _lines.Add(CheckLine.Pass("folder", $"{Path.GetFullPath(folder)} can be written"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            _lines.Add(CheckLine.Fail("folder", exception.Message));
        }
    }

    private static string ReasonOf(Exception exception, string operation)
    {
        var failure = Failures.Of(exception, operation);
        return $"{failure.Code}: {failure.Detail}";
    }
}
