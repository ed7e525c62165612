using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Amazon.Runtime;
using CohortPipeline.TestKit.Aws.Kinesis;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace CohortPipeline.Tests.Integration.Kinesis;

/// <summary>What is signed by the SDK is let in, and what differs in a letter is not.</summary>
public sealed class LocalKinesisSignatureTests : IAsyncLifetime
{
    private const string Body = """{"StreamName":"s"}""";

    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private LocalKinesis _kinesis = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _kinesis = await LocalKinesis.StartAsync(new() { Time = _time });
        _kinesis.Server.CreateStream("s", 1);
    }

    public ValueTask DisposeAsync() => _kinesis.DisposeAsync();

    [Fact]
    public async Task A_known_key_is_let_in()
    {
        var summary = await _kinesis.Calls.CallAsync("DescribeStreamSummary", JsonNode.Parse(Body)!.AsObject(), Cancellation);
        Assert.Equal("s", (string?)summary["StreamDescriptionSummary"]!["StreamName"]);
    }

    [Fact]
    public Task A_wrong_secret_is_refused() => RefusedAsync("InvalidSignatureException", new BasicAWSCredentials("AKIATEST", "secret"));

    [Fact]
    public Task An_unknown_key_is_refused() => RefusedAsync("UnrecognizedClientException", new BasicAWSCredentials("AKIAOTHER", "secret"));

    [Fact]
    public async Task A_session_is_let_in_with_its_token_until_it_ends()
    {
        _kinesis.Server.Keys.Set(new("ASIASESSION", "s1", "token", _time.GetUtcNow().AddMinutes(1)));
        using var session = new KinesisCalls(_kinesis.Address, new SessionAWSCredentials("ASIASESSION", "s1", "token"));
        await session.CallAsync("DescribeStreamSummary", Body, null, Cancellation);
        await RefusedAsync("UnrecognizedClientException", new BasicAWSCredentials("ASIASESSION", "s1"));
        await RefusedAsync("UnrecognizedClientException", new SessionAWSCredentials("ASIASESSION", "s1", "other"));
        _time.Advance(TimeSpan.FromMinutes(1));
        await RefusedAsync("ExpiredTokenException", new SessionAWSCredentials("ASIASESSION", "s1", "token"));
    }

    [Fact]
    public async Task A_removed_key_is_refused_from_then_on()
    {
        _kinesis.Server.Keys.Remove("AKIATEST");
        await RefusedAsync("UnrecognizedClientException", _kinesis.Credentials);
    }

    [Fact]
    public Task A_changed_body_is_refused() => RefusedAsync("InvalidSignatureException", request =>
    {
        var type = request.Content!.Headers.ContentType;
        request.Content = new StringContent(Body.Replace("\"s\"", "\"t\"", StringComparison.Ordinal));
        request.Content.Headers.ContentType = type;
    });

    [Fact]
    public Task A_changed_operation_is_refused() => RefusedAsync("InvalidSignatureException", request =>
    {
        request.Headers.Remove("X-Amz-Target");
        request.Headers.Add("X-Amz-Target", "Kinesis_20131202.ListShards");
    });

    [Fact]
    public Task An_added_header_of_the_service_is_refused() => RefusedAsync("InvalidSignatureException", request => request.Headers.Add("X-Amz-Extra", "1"));

    [Fact]
    public Task A_request_without_signature_is_refused() => RefusedAsync("MissingAuthenticationTokenException", request => request.Headers.Remove("Authorization"));

    [Fact]
    public Task A_signature_that_is_none_is_refused() => RefusedAsync("IncompleteSignatureException", request => request.Headers.Authorization = new AuthenticationHeaderValue("AWS4-HMAC-SHA256", "Credential=x"));

    [Theory]
    [InlineData(-301)]
    [InlineData(301)]
    public async Task A_signature_of_another_time_is_refused(int seconds)
    {
        _time.AdjustTime(_time.GetUtcNow().AddSeconds(seconds));
        await RefusedAsync("InvalidSignatureException", _kinesis.Credentials);
    }

    [Fact]
    public async Task A_signature_for_another_region_is_refused()
    {
        await using var elsewhere = await LocalKinesis.StartAsync(new() { Region = "eu-central-1" });
        var error = await Assert.ThrowsAsync<KinesisCallException>(() => elsewhere.Calls.CallAsync("DescribeStreamSummary", Body, null, Cancellation));
        Assert.Equal((400, "InvalidSignatureException"), (error.Status, error.Type));
    }

    private async Task RefusedAsync(string type, AWSCredentials credentials)
    {
        using var calls = new KinesisCalls(_kinesis.Address, credentials);
        await RefusedAsync(type, calls, null);
    }

    private Task RefusedAsync(string type, Action<HttpRequestMessage> tamper) => RefusedAsync(type, _kinesis.Calls, tamper);

    private static async Task RefusedAsync(string type, KinesisCalls calls, Action<HttpRequestMessage>? tamper)
    {
        var error = await Assert.ThrowsAsync<KinesisCallException>(() => calls.CallAsync("DescribeStreamSummary", Body, tamper, Cancellation));
        Assert.Equal((400, type), (error.Status, error.Type));
    }
}
