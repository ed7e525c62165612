using System.Globalization;
using System.Text;
using CohortPipeline.Contracts;
using CohortPipeline.TestKit;
using Xunit;

namespace CohortPipeline.Tests.Unit.Contracts;

public class InstantTextTests
{
    [Theory]
    [InlineData("2026-03-01T10:00:00Z", "2026-03-01T10:00:00.000Z")]
    [InlineData("2026-03-01t10:00:00z", "2026-03-01T10:00:00.000Z")]
    [InlineData("2026-03-01T10:00:00.1Z", "2026-03-01T10:00:00.100Z")]
    [InlineData("2026-03-01T10:00:00.123999999Z", "2026-03-01T10:00:00.123Z")]
    [InlineData("2026-03-01T10:00:00,5Z", "2026-03-01T10:00:00.500Z")]
    [InlineData("2026-03-01T10:00:00+02:00", "2026-03-01T08:00:00.000Z")]
    [InlineData("2026-03-01T10:00:00-0530", "2026-03-01T15:30:00.000Z")]
    [InlineData("2026-03-01T10:00:00+02", "2026-03-01T08:00:00.000Z")]
    [InlineData("2026-03-01T10:00:00", "2026-03-01T10:00:00.000Z")]
    [InlineData("2026-03-01T10:00", "2026-03-01T10:00:00.000Z")]
    [InlineData("2026-03-01 10:00:00.123456", "2026-03-01T10:00:00.123Z")]
    [InlineData("2019-10-01 00:00:00 UTC", "2019-10-01T00:00:00.000Z")]
    [InlineData("2026-03-01", "2026-03-01T00:00:00.000Z")]
    [InlineData("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z")]
    [InlineData("1969-12-31T23:59:59.9999Z", "1969-12-31T23:59:59.999Z")]
    [InlineData("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z")]
    public void Reads_the_forms_that_producers_write(string text, string expected)
    {
        Assert.True(InstantText.TryParse(Encoding.UTF8.GetBytes(text), out var instant));
        Assert.Equal(expected, Instant.ToRfc3339(instant));
    }

    [Theory]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("2026-3-1")]
    [InlineData("2026-02-29")]
    [InlineData("2026-13-01T00:00:00Z")]
    [InlineData("2026-03-01T24:00:00Z")]
    [InlineData("2026-03-01T10:60:00Z")]
    [InlineData("2026-03-01T10:00:61Z")]
    [InlineData("2026-03-01T10:00:00.Z")]
    [InlineData("2026-03-01T10:00:00+24:00")]
    [InlineData("2026-03-01T10:00:00 CET")]
    [InlineData("2026-03-01T10:00:00Zulu")]
    [InlineData("2026-03-01X10:00:00Z")]
    [InlineData("0000-01-01T00:00:00Z")]
    [InlineData("0001-01-01T00:00:00+01:00")]
    [InlineData("9999-12-31T23:59:59-01:00")]
    [InlineData("1700000000")]
    public void Refuses_what_is_no_time(string text) =>
        Assert.False(InstantText.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [Theory]
    [InlineData("0", 0)]
    [InlineData("1700000000", 1_700_000_000_000)]
    [InlineData("99999999999", 99_999_999_999_000)]
    [InlineData("100000000000", 100_000_000_000)]
    [InlineData("1700000000123", 1_700_000_000_123)]
    [InlineData("1700000000.1239", 1_700_000_000_123)]
    [InlineData("1700000000123.9", 1_700_000_000_123)]
    [InlineData("1.7e9", 1_700_000_000_000)]
    [InlineData("-1", -1000)]
    [InlineData("-0.0001", -1)]
    [InlineData("253402300799999", 253_402_300_799_999)]
    public void Numbers_are_milliseconds_from_a_hundred_billion_up_and_seconds_below(string number, long expected)
    {
        Assert.True(InstantText.TryParseNumber(Encoding.UTF8.GetBytes(number), out var instant));
        Assert.Equal(expected, instant);
    }

    [Theory]
    [InlineData("253402300800000")]
    [InlineData("9223372036854775807")]
    [InlineData("-9223372036854775808")]
    [InlineData("-62135596801")]
    [InlineData("-62135596800.001")]
    [InlineData("1e300")]
    public void Refuses_numbers_outside_of_the_calendar(string number) =>
        Assert.False(InstantText.TryParseNumber(Encoding.UTF8.GetBytes(number), out _));

    /// <summary>Instants of all the calendar's years with some of their characters changed. <c>SEED=n CASES=1</c> repeats what failed.</summary>
    [Fact]
    public void Our_own_form_is_read_as_the_platform_reads_it()
    {
        const string Characters = "0123456789-:.TZ t";
        var read = 0;
        foreach (var seed in Cases.Seeds(20_000))
        {
            var random = new Random(seed);
            var text = Instant.ToRfc3339(random.NextInt64(-62_135_596_800_000, 253_402_300_800_000)).ToCharArray();
            for (var changes = random.Next(4); changes > 0; changes--)
                text[random.Next(text.Length)] = Characters[random.Next(Characters.Length)];
            var expected = DateTime.TryParseExact(text, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time);
            Assert.True(expected == Instant.TryParseRfc3339(Encoding.UTF8.GetBytes(text), out var instant), $"SEED={seed} CASES=1: {new string(text)}");
            Assert.Equal(expected ? (time - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMillisecond : 0, instant);
            read += expected ? 1 : 0;
        }

        Assert.InRange(read, 1, 19_999);
    }
}
