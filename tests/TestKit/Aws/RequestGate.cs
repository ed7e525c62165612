using System.Net;
using CohortPipeline.TestKit.Processes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.TestKit.Aws;

/// <summary>
/// Stands before a server and hands on every request as it came, signature and all; a test can hold some of them there, and
/// so knows where a client stands.
/// </summary>
public sealed class RequestGate : IAsyncDisposable
{
    private static readonly string[] HopHeaders = ["Connection", "Expect", "Keep-Alive", "Transfer-Encoding"];

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { Timeout = TimeSpan.FromMinutes(2) };
    private readonly SemaphoreSlim? _turn;
    private readonly WebApplication _app;
    private readonly Uri _server;
    private volatile HeldRequests? _held;

    private RequestGate(Uri server, bool isOneAtATime)
    {
        _server = server;
        _turn = isOneAtATime ? new(1) : null;
        Address = new($"http://127.0.0.1:{Ports.Free()}");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(Address.ToString()).ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        _app = builder.Build();
        _app.Run(HandOnAsync);
    }

    /// <summary>Where clients connect.</summary>
    public Uri Address { get; }

    /// <param name="isOneAtATime">For a server that loses what comes at the same time.</param>
    public static async Task<RequestGate> StartAsync(Uri server, bool isOneAtATime = false)
    {
        var gate = new RequestGate(server, isOneAtATime);
        await gate._app.StartAsync();
        return gate;
    }

    /// <summary>From now on requests of this method and a path with this end are held.</summary>
    public HeldRequests Hold(string method, string pathEnd) => _held = new(this, request => request.Method == method && request.Path.Value!.EndsWith(pathEnd, StringComparison.Ordinal));

    /// <summary>From now on requests of this method are held whose target, path and query, is as asked.</summary>
    public HeldRequests Hold(string method, Func<string, bool> isHeld) => _held = new(this, request => request.Method == method && isHeld($"{request.Path}{request.QueryString}"));

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _http.Dispose();
        _turn?.Dispose();
    }

    private async Task HandOnAsync(HttpContext context)
    {
        if (_held is { } held && held.Concerns(context.Request))
        {
            switch (await held.WaitAsync(context))
            {
                case Fate.Dropped:
                    context.Abort();
                    return;
                case Fate.Unanswered:
                    using (await SendAsync(context))
                        held.WasPerformed();
                    await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
                    return;
            }
        }

        if (_turn is not null)
            await _turn.WaitAsync(context.RequestAborted);
        try
        {
            await AskServerAsync(context);
        }
        finally
        {
            _turn?.Release();
        }
    }

    private async Task AskServerAsync(HttpContext context)
    {
        using var response = await SendAsync(context);
        context.Response.StatusCode = (int)response.StatusCode;
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers).Where(header => !HopHeaders.Contains(header.Key)))
            context.Response.Headers[name] = values.ToArray();
        if (response.StatusCode is not (HttpStatusCode.NoContent or HttpStatusCode.NotModified) && !HttpMethods.IsHead(context.Request.Method))
            await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpContext context)
    {
        using var request = RequestOf(context.Request);
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
    }

    /// <summary>The same request, the name of the host included: it is signed.</summary>
    private HttpRequestMessage RequestOf(HttpRequest request)
    {
        var target = new Uri(_server, request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        var copy = new HttpRequestMessage(new(request.Method), target);
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
            copy.Content = new StreamContent(request.Body);
        foreach (var (name, values) in request.Headers.Where(header => !HopHeaders.Contains(header.Key)))
        {
            if (!copy.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
                copy.Content?.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
        }

        return copy;
    }

    internal enum Fate
    {
        LetThrough,
        Dropped,
        Unanswered,
    }

    /// <summary>Requests that are held, until they are let through or dropped.</summary>
    public sealed class HeldRequests
    {
        private readonly TaskCompletionSource<string> _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource<Fate> _decided = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _performed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly RequestGate _gate;
        private readonly Func<HttpRequest, bool> _concerns;

        internal HeldRequests(RequestGate gate, Func<HttpRequest, bool> concerns) => (_gate, _concerns) = (gate, concerns);

        /// <summary>The path of the first one, as soon as it is there.</summary>
        public Task<string> Arrived => _arrived.Task;

        /// <summary>They go on to the server, and so do those to come.</summary>
        public void LetThrough() => End(Fate.LetThrough);

        /// <summary>The server never sees them; those to come go on to it.</summary>
        public void Drop() => End(Fate.Dropped);

        /// <summary>The server does what they ask, and the client waits for the answer for as long as it lives. Ends once the first is done.</summary>
        public Task LoseAnswersAsync()
        {
            End(Fate.Unanswered);
            return _performed.Task;
        }

        internal bool Concerns(HttpRequest request) => _concerns(request);

        internal void WasPerformed() => _performed.TrySetResult();

        internal Task<Fate> WaitAsync(HttpContext context)
        {
            _arrived.TrySetResult(context.Request.Path.Value!);
            return _decided.Task.WaitAsync(context.RequestAborted);
        }

        private void End(Fate fate)
        {
            _gate._held = null;
            _decided.SetResult(fate);
        }
    }
}
