using System.Collections;
using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace CohortPipeline.Hosting;

/// <summary>
/// Holds the texts of a configuration section against the options they are meant for, and names every one that does not
/// fit: an unknown setting (with the nearest known one) or a value of the wrong type. The binder itself stops at the first.
/// </summary>
internal static class OptionsText
{
    /// <summary>A setting that does not fit, and the sentence about it.</summary>
    public readonly record struct Error(string Path, string Text);

    /// <summary>A name is suggested up to this many typing errors away.</summary>
    private const int SuggestionDistanceMax = 3;

    public static IEnumerable<Error> Errors(IConfigurationSection section, Type type)
    {
        var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite).ToArray();
        foreach (var child in section.GetChildren())
        {
            var property = Array.Find(properties, property => property.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase));
            var errors = property is null ? [Unknown(child, properties)] : ValueErrors(child, property.PropertyType);
            foreach (var error in errors)
                yield return error;
        }
    }

    private static IEnumerable<Error> ValueErrors(IConfigurationSection section, Type type)
    {
        var target = Nullable.GetUnderlyingType(type) ?? type;
        if (target == typeof(string))
            return [];
        if (ElementType(target) is { } element)
        {
            return string.IsNullOrEmpty(section.Value)
                ? section.GetChildren().SelectMany(child => ValueErrors(child, element))
                : [new(section.Path, $"{section.Path} is `{section.Value}`: expected a list, one setting an entry: {section.Path}:0, {section.Path}:1, …")];
        }

        if (TypeDescriptor.GetConverter(target).CanConvertFrom(typeof(string)))
            return Converts(section.Value, type) ? [] : [new(section.Path, $"{section.Path} is `{section.Value}`: expected {Expected(target)}.")];
        return Errors(section, target);
    }

    private static Type? ElementType(Type type)
    {
        if (type.IsArray)
            return type.GetElementType();
        return typeof(IEnumerable).IsAssignableFrom(type) && type.IsGenericType ? type.GetGenericArguments()[^1] : null;
    }

    private static bool Converts(string? text, Type type)
    {
        if (string.IsNullOrEmpty(text))
            return Nullable.GetUnderlyingType(type) is not null;
        try
        {
            var target = Nullable.GetUnderlyingType(type) ?? type;
            var value = TypeDescriptor.GetConverter(target).ConvertFromInvariantString(text);
            return !target.IsEnum || Enum.IsDefined(target, value!);
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or NotSupportedException or OverflowException)
        {
            return false;
        }
    }

    private static string Expected(Type type)
    {
        if (type == typeof(bool))
            return "true or false";
        if (type == typeof(TimeSpan))
            return "a duration such as 00:00:30 or 1.00:00:00";
        if (type.IsEnum)
            return "one of " + string.Join(", ", Enum.GetNames(type));
        if (type == typeof(int) || type == typeof(long))
            return "a whole number";
        return type == typeof(double) || type == typeof(decimal) ? "a number" : type.Name;
    }

    private static Error Unknown(IConfigurationSection section, PropertyInfo[] properties)
    {
        var nearest = properties
            .Select(property => (property.Name, Distance: Distance(property.Name, section.Key)))
            .OrderBy(candidate => candidate.Distance)
            .FirstOrDefault(candidate => candidate.Distance <= SuggestionDistanceMax);
        var known = string.Join(", ", properties.Select(property => property.Name));
        return new(section.Path, nearest.Name is null
            ? $"{section.Path} is not a setting; known here: {known}."
            : $"{section.Path} is not a setting; did you mean {nearest.Name}?");
    }

    /// <summary>Levenshtein's distance, without case.</summary>
    private static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var equal = char.ToUpper(left[i - 1], CultureInfo.InvariantCulture) == char.ToUpper(right[j - 1], CultureInfo.InvariantCulture);
                var replaced = diagonal + (equal ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
