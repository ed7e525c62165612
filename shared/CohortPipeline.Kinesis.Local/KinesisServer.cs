using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Kinesis.Local;

/// <summary>
/// A Kinesis of one's own on loopback: the service's protocol, signatures, limits, shards and errors, for development and for
/// tests. Streams are in memory and end with it. It does not do: on-demand streams, consumers with fan-out, encryption,
/// read limits, AT_TIMESTAMP, states other than ACTIVE.
/// </summary>
public sealed class KinesisServer : IAsyncDisposable
{
    /// <summary>Base64 of the largest request, and what stands around it.</summary>
    private const long BodyBytesMax = 16 * 1024 * 1024;

    private readonly WebApplication _app;
    private readonly KinesisServerOptions _options;
    private readonly StreamTable _streams;

    private KinesisServer(KinesisServerOptions options)
    {
        _options = options;
        _streams = new(options.Region);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{options.Port}")).ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = BodyBytesMax);
        _app = builder.Build();
        var handler = new RequestHandler(
            options,
            new SignatureCheck(Keys, options.Region),
            new StreamOperations(_streams, new(options.Rate, options.ShardBytesMax)),
            _streams,
            _app.Lifetime.ApplicationStopping);
        _app.Run(handler.HandleAsync);
    }

    public Uri Address => new(_app.Urls.Single());

    /// <summary>Who may call: nobody, to begin with.</summary>
    public AccessKeys Keys { get; } = new();

    public static async Task<KinesisServer> StartAsync(KinesisServerOptions options, CancellationToken cancellation = default)
    {
        var server = new KinesisServer(options);
        try
        {
            await server._app.StartAsync(cancellation);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Creates a stream of ordinary records, as a call of CreateStream does.</summary>
    /// <exception cref="ArgumentException">The name is none, or taken.</exception>
    public void CreateStream(string name, int shards)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(shards, 1);
        try
        {
            _streams.Create(name, shards, new(PutLimits.OrdinaryRecordBytes, _options.Rate, _options.ShardBytesMax), Now());
        }
        catch (KinesisErrorException exception)
        {
            throw new ArgumentException(exception.Error.Message, nameof(name), exception);
        }
    }

    /// <summary>How many records a stream has stored since it was created.</summary>
    public long StoredRecords(string stream) => _streams.Get(stream, null).Stored;

    /// <summary>Gives one open shard a rate of its own; null: any.</summary>
    /// <param name="shard">As <c>shardId-000000000000</c>.</param>
    public void LimitShard(string stream, string shard, ShardRate? rate) =>
        _streams.Get(stream, null).Limit(shard, rate, Now());

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private long Now() => _options.Time.GetUtcNow().ToUnixTimeMilliseconds();
}
