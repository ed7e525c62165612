using System.Collections.Concurrent;
using System.Collections.Specialized;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Web;
using CohortPipeline.TestKit.Processes;

namespace CohortPipeline.TestKit.Aws;

/// <summary>
/// STS, IAM and Kinesis on loopback, for what no test server does: policies simulated, sessions of a few seconds, a token that stops being good in the
/// middle, and answers that a test scripts. It refuses a session that has ended with <c>ExpiredTokenException</c>, as AWS does.
/// </summary>
public sealed class ExpiringSts : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, DateTimeOffset> _sessions = new();
    private readonly Task _serving;
    private int _assumed;
    private int _expired;
    private int _asked;
    private int _asking;

    /// <param name="time">Whose clock sessions end by; null: the wall's.</param>
    public ExpiringSts(TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        Address = new($"http://127.0.0.1:{Ports.Free()}/");
        _listener.Prefixes.Add(Address.ToString());
        _listener.Start();
        _serving = Serve();
    }

    public Uri Address { get; }

    public TimeSpan Lifetime { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>What AssumeRole must name; anything else is refused.</summary>
    public string ExternalId { get; set; } = "";

    /// <summary>Answers what IAM says of a role and an action: <c>allowed</c>, <c>implicitDeny</c>, <c>explicitDeny</c>.</summary>
    public Func<string, string, string> Decide { get; set; } = (_, _) => "allowed";

    /// <summary>Nobody may assume the role.</summary>
    public bool Refuses { get; set; }

    /// <summary>What an AssumeRole waits for before it is answered.</summary>
    public Task BeforeAssumed { get; set; } = Task.CompletedTask;

    /// <summary>Answers the next PutRecords: status and body; null leaves it to the server, which accepts everything.</summary>
    public Func<JsonNode, (HttpStatusCode Status, string Body)?> OnPutRecords { get; set; } = _ => null;

    /// <summary>Calls of AssumeRole, those that were refused among them.</summary>
    public int Asked => Volatile.Read(ref _asked);

    /// <summary>Those that wait for their answer.</summary>
    public int Asking => Volatile.Read(ref _asking);

    public int Assumed => Volatile.Read(ref _assumed);

    /// <summary>How many calls came with a session that had ended.</summary>
    public int Expired => Volatile.Read(ref _expired);

    public ConcurrentQueue<string> SessionNames { get; } = new();

    public ConcurrentQueue<string> StoredKeys { get; } = new();

    /// <summary>Ends every session there is.</summary>
    public void Revoke()
    {
        foreach (var key in _sessions.Keys)
            _sessions[key] = DateTimeOffset.MinValue;
    }

    public void Dispose()
    {
        _listener.Close();
        _serving.Wait();
    }

    private async Task Serve()
    {
        while (_listener.IsListening)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                _ = Answer(context);
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task Answer(HttpListenerContext context)
    {
        using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
        var body = await reader.ReadToEndAsync();
        var isOfSts = context.Request.Headers["X-Amz-Target"] is null;
        if (isOfSts)
        {
            Interlocked.Increment(ref _asking);
            await BeforeAssumed;
            Interlocked.Decrement(ref _asking);
        }

        var (status, answer) = isOfSts ? Query(body) : PutRecords(context.Request, JsonNode.Parse(body)!);
        context.Response.StatusCode = (int)status;
        context.Response.ContentType = isOfSts ? "text/xml" : "application/x-amz-json-1.1";
        await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(answer));
        context.Response.Close();
    }

    private (HttpStatusCode Status, string Body) Query(string body)
    {
        var form = HttpUtility.ParseQueryString(body);
        return form["Action"] == "SimulatePrincipalPolicy" ? Simulate(form) : AssumeRole(form);
    }

    private (HttpStatusCode Status, string Body) Simulate(NameValueCollection form)
    {
        var actions = form.AllKeys.Where(name => name!.StartsWith("ActionNames.", StringComparison.Ordinal)).Select(name => form[name]!);
        var results = actions.Select(action =>
            $"<member><EvalActionName>{action}</EvalActionName><EvalResourceName>{form["ResourceArns.member.1"]}</EvalResourceName><EvalDecision>{Decide(form["PolicySourceArn"]!, action)}</EvalDecision></member>");
        return (HttpStatusCode.OK, $"""
            <SimulatePrincipalPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><SimulatePrincipalPolicyResult>
            <IsTruncated>false</IsTruncated><EvaluationResults>{string.Concat(results)}</EvaluationResults>
            </SimulatePrincipalPolicyResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></SimulatePrincipalPolicyResponse>
            """);
    }

    private (HttpStatusCode Status, string Body) AssumeRole(NameValueCollection form)
    {
        Interlocked.Increment(ref _asked);
        if (Refuses || (form["ExternalId"] ?? "") != ExternalId)
            return (HttpStatusCode.Forbidden, """<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>is not authorized to perform: sts:AssumeRole</Message></Error><RequestId>1</RequestId></ErrorResponse>""");
        SessionNames.Enqueue(form["RoleSessionName"]!);
        var key = $"ASIA{Interlocked.Increment(ref _assumed):d16}";
        var ends = _time.GetUtcNow() + Lifetime;
        _sessions[key] = ends;
        return (HttpStatusCode.OK, $"""
            <AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
            <AssumedRoleUser><AssumedRoleId>AROA:x</AssumedRoleId><Arn>arn:aws:sts::111111111111:assumed-role/W/x</Arn></AssumedRoleUser>
            <Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>
            <Expiration>{ends.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)}</Expiration></Credentials>
            </AssumeRoleResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></AssumeRoleResponse>
            """);
    }

    private (HttpStatusCode Status, string Body) PutRecords(HttpListenerRequest request, JsonNode call)
    {
        var key = request.Headers["Authorization"]!.Split("Credential=")[1].Split('/')[0];
        if (_sessions.TryGetValue(key, out var ends) && ends <= _time.GetUtcNow())
        {
            Interlocked.Increment(ref _expired);
            return (HttpStatusCode.BadRequest, """{"__type":"com.amazon.coral.service#ExpiredTokenException","message":"The security token included in the request is expired"}""");
        }

        if (OnPutRecords(call) is { } scripted)
            return scripted;
        var records = call["Records"]!.AsArray();
        foreach (var record in records)
            StoredKeys.Enqueue((string)record!["PartitionKey"]!);
        var entries = string.Join(",", records.Select((_, place) => $$"""{"SequenceNumber":"{{place}}","ShardId":"shardId-000000000000"}"""));
        return (HttpStatusCode.OK, $$"""{"FailedRecordCount":0,"Records":[{{entries}}]}""");
    }
}
