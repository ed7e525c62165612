using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using CohortPipeline.Contracts;

namespace CohortPipeline.Kinesis.Local;

/// <summary>Reads the body of a put into a <see cref="PutBatch"/>: no object a record, and each byte copied once.</summary>
internal static class PutReader
{
    /// <summary>Of PutRecords: <c>{"Records": [{"Data", "PartitionKey", "ExplicitHashKey"?}], "StreamName"?, "StreamARN"?}</c>.</summary>
    /// <exception cref="KinesisErrorException">It is no such body.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static void ReadRecords(ReadOnlySpan<byte> body, PutBatch batch)
    {
        var reader = new Utf8JsonReader(body);
        Start(ref reader);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("Records"u8))
                ReadArray(ref reader, batch);
            else
                ReadStreamOrSkip(ref reader, batch);
        }
    }

    /// <summary>Of PutRecord: the members of one record beside the stream's.</summary>
    /// <inheritdoc cref="ReadRecords"/>
    public static void ReadRecord(ReadOnlySpan<byte> body, PutBatch batch)
    {
        var reader = new Utf8JsonReader(body);
        Start(ref reader);
        var entry = new EntryReading();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!entry.TryRead(ref reader, batch))
                ReadStreamOrSkip(ref reader, batch);
        }

        batch.Entries.Add(entry.ToEntry(batch, null));
    }

    private static void Start(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw KinesisError.Serialization("Start of structure or map expected.").Thrown();
    }

    private static void ReadArray(ref Utf8JsonReader reader, PutBatch batch)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
            throw KinesisError.Serialization("Expected list or null").Thrown();
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var entry = new EntryReading();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (!entry.TryRead(ref reader, batch))
                    reader.Skip();
            }

            batch.Entries.Add(entry.ToEntry(batch, batch.Entries.Count + 1));
        }

        if (reader.TokenType != JsonTokenType.EndArray)
            throw KinesisError.Serialization("Expected null").Thrown();
    }

    private static void ReadStreamOrSkip(ref Utf8JsonReader reader, PutBatch batch)
    {
        if (reader.ValueTextEquals("StreamName"u8))
            batch.StreamName = Text(ref reader);
        else if (reader.ValueTextEquals("StreamARN"u8))
            batch.StreamArn = Text(ref reader);
        else
            reader.Skip();
    }

    private static string? Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType is JsonTokenType.String or JsonTokenType.Null
            ? reader.GetString()
            : throw KinesisError.Serialization($"{reader.TokenType} can not be converted to an String").Thrown();
    }

    /// <summary>The members of a record, in any order.</summary>
    private struct EntryReading()
    {
        private int _keyStart = -1;
        private int _keyBytes;
        private int _dataStart = -1;
        private int _dataBytes;
        private string? _explicitHashKey;

        public bool TryRead(ref Utf8JsonReader reader, PutBatch batch)
        {
            if (reader.ValueTextEquals("Data"u8))
            {
                if (IsText(ref reader))
                    (_dataStart, _dataBytes) = KeepData(reader, batch);
            }
            else if (reader.ValueTextEquals("PartitionKey"u8))
            {
                if (IsText(ref reader))
                {
                    _keyBytes = reader.CopyString(batch.Free);
                    _keyStart = batch.Keep(_keyBytes);
                }
            }
            else if (reader.ValueTextEquals("ExplicitHashKey"u8))
            {
                _explicitHashKey = Text(ref reader);
            }
            else
            {
                return false;
            }

            return true;
        }

        /// <param name="number">In its list, from 1; null where there is none.</param>
        public readonly PutEntry ToEntry(PutBatch batch, int? number)
        {
            if (_keyStart < 0 || _dataStart < 0)
            {
                var member = _keyStart < 0 ? "partitionKey" : "data";
                throw KinesisError.Validation(number is null ? member : $"records.{number}.member.{member}", "Member must not be null").Thrown();
            }

            var entry = new PutEntry(0, _keyStart, _keyBytes, _dataStart, _dataBytes);
            return entry with { HashKey = _explicitHashKey is null ? ShardHash.Of(batch.Key(entry)) : ExplicitHashKey(_explicitHashKey) };
        }

        private static bool IsText(ref Utf8JsonReader reader)
        {
            reader.Read();
            return reader.TokenType switch
            {
                JsonTokenType.String => true,
                JsonTokenType.Null => false,
                _ => throw KinesisError.Serialization($"{reader.TokenType} can not be converted to a Blob").Thrown(),
            };
        }

        private static (int Start, int Bytes) KeepData(in Utf8JsonReader reader, PutBatch batch)
        {
            OperationStatus status;
            int bytes;
            if (reader.ValueIsEscaped)
            {
                var length = reader.CopyString(batch.Free);
                status = Base64.DecodeFromUtf8InPlace(batch.Free[..length], out bytes);
            }
            else
            {
                status = Base64.DecodeFromUtf8(reader.ValueSpan, batch.Free, out _, out bytes);
            }

            return status == OperationStatus.Done ? (batch.Keep(bytes), bytes) : throw KinesisError.Serialization("The value can not be converted to a Blob: invalid Base64").Thrown();
        }

        private static UInt128 ExplicitHashKey(string text) => UInt128.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var hashKey)
            ? hashKey
            : throw KinesisError.InvalidArgument($"Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was {text}").Thrown();
    }
}
