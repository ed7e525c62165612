using CohortPipeline.Log.Kafka.Admin;
using CohortPipeline.Log.Kafka.Reading;
using CohortPipeline.Log.Kafka.Writing;
using Microsoft.Extensions.Logging;

namespace CohortPipeline.Log.Kafka;

/// <summary>
/// The log contract on a Kafka cluster: readers and writers work on librdkafka's own memory through its batch calls, and
/// every write is part of a transaction that carries the positions of what was read.
/// </summary>
public sealed class KafkaLog : ILog
{
    private readonly KafkaSettings _settings;
    private readonly ILoggerFactory _loggers;
    private readonly TimeProvider _time;
    private readonly KafkaAdmin _admin;

    public KafkaLog(KafkaSettings settings, ILoggerFactory loggers, TimeProvider? time = null)
    {
        _settings = settings;
        _loggers = loggers;
        _time = time ?? TimeProvider.System;
        _admin = new KafkaAdmin(settings, loggers.CreateLogger<KafkaAdmin>(), _time);
    }

    public ILogAdmin Admin => _admin;

    internal KafkaSettings Settings => _settings;

    public ILogReader OpenReader(ReaderOptions options) =>
        new KafkaReader(_settings, options, _admin, _loggers.CreateLogger<KafkaReader>());

    public ILogWriter OpenWriter(string transactionalId, int batchBytesMax = ILog.BatchBytesAnyTopicTakes) =>
        new KafkaWriter(_settings, transactionalId, batchBytesMax, _admin, _loggers.CreateLogger<KafkaWriter>(), _time);

    public ValueTask DisposeAsync()
    {
        _admin.Dispose();
        return ValueTask.CompletedTask;
    }
}
