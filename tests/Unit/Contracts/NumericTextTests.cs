using System.Globalization;
using System.Text;
using CohortPipeline.Contracts;
using Xunit;

namespace CohortPipeline.Tests.Unit.Contracts;

public class NumericTextTests
{
    [Theory]
    [InlineData("0", "0")]
    [InlineData("-0", "0")]
    [InlineData("12.50", "12.50")]
    [InlineData("-1e3", "-1000")]
    [InlineData("1E-2", "0.01")]
    [InlineData("1e-400", "0")]
    [InlineData("79228162514264337593543950335", "79228162514264337593543950335")]
    [InlineData("0.12345678901234567890123456785", "0.1234567890123456789012345678")]
    [InlineData("0.12345678901234567890123456775", "0.1234567890123456789012345678")]
    public void Numbers_as_JSON_writes_them_are_numeric(string text, string expected)
    {
        Assert.True(NumericText.TryParse(Encoding.UTF8.GetBytes(text), out var value));
        Assert.Equal(decimal.Parse(expected, CultureInfo.InvariantCulture), value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("+1")]
    [InlineData("01")]
    [InlineData(".5")]
    [InlineData("5.")]
    [InlineData("1e")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("0x10")]
    [InlineData("1,000")]
    [InlineData("NaN")]
    [InlineData("--1")]
    [InlineData("79228162514264337593543950336")]
    [InlineData("1e400")]
    public void Anything_else_is_text(string text) =>
        Assert.False(NumericText.TryParse(Encoding.UTF8.GetBytes(text), out _));
}
