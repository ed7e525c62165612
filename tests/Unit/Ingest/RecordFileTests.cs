using System.IO.Compression;
using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.Ingest;
using CohortPipeline.TestKit;
using Xunit;

namespace CohortPipeline.Tests.Unit.Ingest;

public class RecordFileTests
{
    private const long TenOClock = 1_772_359_200_000;

    [Fact]
    public void JSON_lines_are_records_in_any_shape_with_their_own_time_or_that_of_the_one_before() => Assert.Equal(
        [
            "1 0 u:eve {\"event\":\"e\",\"user\":\"eve\"}",
            $"2 {TenOClock} u:ada {{\"event\":\"a\",\"user\":\"ada\",\"time\":\"2026-03-01T10:00:00Z\"}}",
            $"4 {TenOClock} u:bob {{\"type\":\"track\",\"event\":\"b\",\"userId\":\"bob\"}}",
            $"5 {TenOClock - 1000} u:ada {{\"event\":\"c\",\"user\":\"ada\",\"time\":{TenOClock - 1000}}}",
        ],
        Lines("a.jsonl", $$"""
            {"event":"e","user":"eve"}
            {"event":"a","user":"ada","time":"2026-03-01T10:00:00Z"}

            {"type":"track","event":"b","userId":"bob"}
            {"event":"c","user":"ada","time":{{TenOClock - 1000}}}
            """));

    [Fact]
    public void A_line_that_is_no_record_is_reported_moves_no_time_and_the_rest_goes_on()
    {
        var lines = Lines("a.jsonl", "{\"event\":\"a\",\"user\":\"ada\",\"time\":1}\nnonsense\r\n{\"event\":\"b\",\"time\":9}\n{\"event\":\"c\",\"user\":\"ada\"}\r\n{\"event\":");
        Assert.Equal(5, lines.Length);
        Assert.StartsWith("2 !not_json: ", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("3 !unknown_shape: ", lines[2], StringComparison.Ordinal);
        Assert.StartsWith("4 1000 u:ada ", lines[3], StringComparison.Ordinal);
        Assert.StartsWith("5 !not_json: ", lines[4], StringComparison.Ordinal);
    }

    [Fact]
    public void A_batch_in_a_line_comes_as_its_entries_each_with_its_own_key_and_time() => Assert.Equal(
        [
            "1 1000 u:ada {\"event_type\":\"a\",\"user_id\":\"ada\",\"time\":1}",
            "1 !no_identity (entry 1 of a batch): neither a user id nor a device id that stands for somebody",
            "1 3000 u:bob {\"event_type\":\"c\",\"user_id\":\"bob\",\"time\":3}",
        ],
        Lines("a.jsonl", """ {"events": [{"event_type":"a","user_id":"ada","time":1}, {"event_type":"b"} ,{"event_type":"c","user_id":"bob","time":3}]}"""));

    [Fact]
    public void CSV_columns_are_guessed_and_cells_are_typed() => Assert.Equal(
        [
            $"2 {TenOClock} u:541312140 {{\"time\":\"2026-03-01 10:00:00 UTC\",\"event\":\"view\",\"user_id\":\"541312140\",\"properties\":{{\"price\":35.79,\"new\":true,\"brand\":\"01\"}}}}",
            $"3 {TenOClock} u:7 {{\"event\":\"1\",\"user_id\":\"7\",\"properties\":{{\"price\":\"n/a\",\"new\":\"True\",\"brand\":\"a, \\\"b\\\"\\nc\"}}}}",
            $"5 {TenOClock + 1000} u:8 {{\"time\":{TenOClock + 1000},\"event\":\"x\",\"user_id\":\"8\",\"properties\":{{}}}}",
        ],
        Lines("a.csv", $"""
            event_time,event_type,price,new,brand,user_id
            2026-03-01 10:00:00 UTC,view,35.79,true,01,541312140
            ,1,n/a,True,"a, ""b""
            c",7
            {TenOClock + 1000},x,,,"",8
            """));

    [Theory]
    [InlineData("event;user;a\r\nview;ada;1,5\r\n")]
    [InlineData("\uFEFFevent\tuser\ta\nview\tada\t\"1,5\"\n\n")]
    [InlineData("event|user|a\nview|ada|1,5")]
    public void Other_separators_line_ends_and_a_byte_order_mark_are_understood(string file) =>
        Assert.Equal(["2 0 u:ada {\"event\":\"view\",\"user_id\":\"ada\",\"properties\":{\"a\":\"1,5\"}}"], Lines("a.csv", file));

    [Fact]
    public void A_row_cut_short_is_reported_with_its_number_and_the_rest_goes_on()
    {
        var lines = Lines("a.csv", "event,user,a\nview,ada\nview,bob,1,2\nview,eve,3\nview,zoe");
        Assert.Equal(
            [
                "2 !the row has 2 cells where the header has 3: view,ada",
                "3 !the row has 4 cells where the header has 3: view,bob,1,2",
                "4 0 u:eve {\"event\":\"view\",\"user_id\":\"eve\",\"properties\":{\"a\":3}}",
                "5 !the row has 2 cells where the header has 3: view,zoe",
            ],
            lines);
    }

    [Fact]
    public void A_quote_that_never_closes_costs_its_own_line_alone() => Assert.Equal(
        [
            "2 !a quoted cell that does not end with its quote",
            "3 0 u:bob {\"event\":\"view\",\"user_id\":\"bob\",\"properties\":{\"a\":2}}",
            "4 0 u:eve {\"event\":\"view\",\"user_id\":\"eve\",\"properties\":{\"a\":\"5\\\" pipe\"}}",
        ],
        Lines("a.csv", "event,user,a\nview,ada,\"1\nview,bob,2\nview,eve,5\" pipe\n"));

    [Fact]
    public void A_row_that_is_no_UTF8_is_reported()
    {
        var lines = Lines("a.csv", [.. "event,user\nview,"u8, 0xE9, .. "\nview,ada\n"u8]);
        Assert.Equal("2 !the row is no UTF-8", lines[0]);
        Assert.StartsWith("3 0 u:ada", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_longer_than_the_bound_is_reported_and_passed_over()
    {
        var lines = Lines("a.jsonl", "{\"event\":\"a\",\"user\":\"ada\"}\n" + new string('x', 5_000_000) + "\n{\"event\":\"b\",\"user\":\"ada\"}\n");
        Assert.Equal(3, lines.Length);
        Assert.StartsWith("2 !a line of more than", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("3 0 u:ada", lines[2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.csv.gz", "event,user\nview,ada\n")]
    [InlineData("a.jsonl.gz", "{\"event\":\"view\",\"user\":\"ada\"}\n")]
    [InlineData("noname.gz", "\n {\"event\":\"view\",\"user\":\"ada\"}\n")]
    public void Either_may_be_zipped(string name, string contents) =>
        Assert.Contains(" 0 u:ada ", Assert.Single(Lines(name, Zip(contents))), StringComparison.Ordinal);

    [Fact]
    public void A_zipped_file_that_was_cut_gives_what_is_there_and_says_so()
    {
        var random = new Random(7);
        var whole = Zip(string.Concat(Enumerable.Range(0, 20_000).Select(number => $"{{\"event\":\"e{random.Next()}\",\"user\":\"u{number}\"}}\n")));
        var lines = Lines("a.jsonl.gz", whole[..(whole.Length / 2)]);
        Assert.True(lines.Length > 1000);
        Assert.Contains("!", lines[^1], StringComparison.Ordinal);
        Assert.All(lines[..^1], line => Assert.DoesNotContain("!", line, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("event_name=x", "--map has `event_name=x`")]
    [InlineData("event", "--map has `event`")]
    [InlineData("event=nope", "--map says event=nope")]
    public void A_wrong_map_is_refused(string map, string expected)
    {
        var error = Assert.Throws<RecordFileException>(() => Lines("a.csv", "kind,user\nview,ada\n", map));
        Assert.StartsWith(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_map_names_columns_that_cannot_be_guessed() => Assert.Equal(
        ["2 1000 d:d1 {\"event\":\"view\",\"device_id\":\"d1\",\"time\":1,\"insert_id\":\"9\",\"properties\":{\"event\":\"other\"}}"],
        Lines("a.csv", "kind,who,at,no,event\nview,d1,1,9,other\n", "event=kind, device=who,time=at,insert_id=no"));

    [Theory]
    [InlineData("kind,user\nview,ada\n", "no column looks like the event type")]
    [InlineData("event,who\nview,ada\n", "no column looks like the user or device id")]
    [InlineData("", "the file is empty")]
    public void A_file_without_the_columns_it_takes_is_refused(string contents, string expected)
    {
        var error = Assert.Throws<RecordFileException>(() => Lines("a.csv", contents));
        Assert.StartsWith(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_refused()
    {
        var error = Assert.Throws<RecordFileException>(() => RecordFile.Open("/no/such/file.csv", CsvMap.Guess));
        Assert.StartsWith("cannot read /no/such/file.csv", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_real_shop_events_are_read_and_their_last_row_is_reported_as_cut_short()
    {
        var path = Repository.BesideOrNull("data", "rees46-2019-10-01.csv.gz");
        Assert.SkipWhen(path is null, "../shared/data/rees46-2019-10-01.csv.gz is not here");
        using var file = RecordFile.Open(path!, CsvMap.Guess);
        var records = 0;
        var bad = new List<string>();
        var before = 0L;
        foreach (var line in file.Read())
        {
            if (line.Problem is { } problem)
            {
                bad.Add($"{line.Number} {problem}");
                continue;
            }

            records++;
            Assert.True(line.Timestamp >= before);
            before = line.Timestamp;
        }

        Assert.Equal(17_434, records);
        Assert.StartsWith("17436 the row has 8 cells where the header has 9", Assert.Single(bad), StringComparison.Ordinal);
        Assert.Equal("2019-10-01T02:50:00.000Z", Instant.ToRfc3339(before));
        Assert.Equal(file.LengthBytes, file.ReadBytes);
    }

    private static string[] Lines(string name, string contents, string map = "") => Lines(name, Encoding.UTF8.GetBytes(contents), map);

    private static string[] Lines(string name, byte[] contents, string map = "")
    {
        using var file = RecordFile.Open(name, new MemoryStream(contents), contents.Length, CsvMap.Parse(map));
        return [.. file.Read().Select(line => line.Problem is { } problem
            ? $"{line.Number} !{problem}"
            : $"{line.Number} {line.Timestamp} {Encoding.UTF8.GetString(line.Key.Span)} {Encoding.UTF8.GetString(line.Value.Span)}")];
    }

    private static byte[] Zip(string contents)
    {
        var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(Encoding.UTF8.GetBytes(contents));
        return zipped.ToArray();
    }
}
