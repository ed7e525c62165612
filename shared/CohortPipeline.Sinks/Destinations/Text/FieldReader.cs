using System.Globalization;
using System.Text.RegularExpressions;

namespace CohortPipeline.Sinks;

/// <summary>
/// Reads the fields of one object, each into a type that cannot be wrong, and notes every error instead of stopping at the
/// first; what it answers after an error is a stand-in that nobody uses. A field without a value counts as absent.
/// </summary>
internal sealed class FieldReader
{
    /// <summary>A name is suggested up to this many typing errors away.</summary>
    private const int SuggestionDistanceMax = 3;

    private readonly ConfigMap _map;
    private readonly List<DestinationError> _errors;
    private readonly Dictionary<string, ConfigMember> _members = new(StringComparer.Ordinal);
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    public FieldReader(ConfigMap map, List<DestinationError> errors)
    {
        _map = map;
        _errors = errors;
        foreach (var member in map.Members)
        {
            if (!_members.TryAdd(member.Name, member))
                Error(member.Name, "given twice", member.Line, member.Column);
        }
    }

    public bool Has(string name)
    {
        _known.Add(name);
        return _members.TryGetValue(name, out var member) && member.Value is not ConfigScalar { Kind: ConfigScalarKind.Null };
    }

    /// <summary>The text of a field, or null where it is absent. It must match <paramref name="pattern"/>, which <paramref name="expected"/> says in words.</summary>
    public string? Text(string name, Regex? pattern = null, string expected = "a text", bool required = false)
    {
        if (!Find(name, required, expected, out var node))
            return null;
        if (node is not ConfigScalar { Kind: ConfigScalarKind.Text } scalar)
        {
            var hint = node is ConfigScalar { Kind: not ConfigScalarKind.Null } ? " (put it in quotes)" : "";
            Error(name, $"found {node.Description}, expected {expected}{hint}", node);
            return null;
        }

        if (pattern is null || pattern.IsMatch(scalar.Text))
            return scalar.Text;
        Error(name, $"found {node.Description}, expected {expected}", node);
        return null;
    }

    public T Choice<T>(string name, T absent, IReadOnlyList<(string Word, T Value)> words, bool required = false)
    {
        var expected = "one of " + string.Join(", ", words.Select(word => word.Word));
        if (!Find(name, required, expected, out var node))
            return absent;
        if (node is ConfigScalar { Kind: ConfigScalarKind.Text } scalar)
        {
            foreach (var (word, value) in words)
            {
                if (word == scalar.Text)
                    return value;
            }
        }

        Error(name, $"found {node.Description}, expected {expected}{Suggestion((node as ConfigScalar)?.Text ?? "", words.Select(word => word.Word))}", node);
        return absent;
    }

    public long Whole(string name, long absent, long min, long max)
    {
        var expected = string.Create(CultureInfo.InvariantCulture, $"a whole number from {min} to {max}");
        if (!Find(name, required: false, expected, out var node))
            return absent;
        if (node is ConfigScalar { Kind: ConfigScalarKind.Number } scalar
            && long.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            && value >= min && value <= max)
            return value;
        Error(name, $"found {node.Description}, expected {expected}", node);
        return absent;
    }

    public bool Flag(string name, bool absent)
    {
        if (!Find(name, required: false, "true or false", out var node))
            return absent;
        if (node is ConfigScalar { Kind: ConfigScalarKind.Boolean } scalar)
            return scalar.Text[0] is 't' or 'T';
        Error(name, $"found {node.Description}, expected true or false", node);
        return absent;
    }

    public TimeSpan Duration(string name, TimeSpan absent, TimeSpan min, TimeSpan max)
    {
        var expected = $"a duration from {DurationText.Format(min)} to {DurationText.Format(max)}, such as 60s";
        if (!Find(name, required: false, expected, out var node))
            return absent;
        if (node is ConfigScalar { Kind: ConfigScalarKind.Text } scalar && DurationText.TryParse(scalar.Text, out var value) && value >= min && value <= max)
            return value;
        Error(name, $"found {node.Description}, expected {expected}", node);
        return absent;
    }

    /// <summary>A list of different texts, or null where it is absent.</summary>
    public IReadOnlyList<string>? Texts(string name, int countMax, string expected, Func<string, bool> isValid, bool required = false)
    {
        var expectedList = $"a list of {expected}";
        if (!Find(name, required, expectedList, out var node))
            return null;
        if (node is not ConfigList list)
        {
            Error(name, $"found {node.Description}, expected {expectedList}", node);
            return null;
        }

        if (list.Items.Count > countMax)
            Error(name, $"has {list.Items.Count} entries, at most {countMax} are allowed", node);
        var texts = new List<string>();
        for (var i = 0; i < list.Items.Count; i++)
        {
            var item = list.Items[i];
            if (item is not ConfigScalar { Kind: ConfigScalarKind.Text } scalar || !isValid(scalar.Text))
                Error($"{name}[{i}]", $"found {item.Description}, expected {expected}", item);
            else if (texts.Contains(scalar.Text))
                Error($"{name}[{i}]", $"{item.Description} stands there twice", item);
            else
                texts.Add(scalar.Text);
        }

        return texts;
    }

    /// <summary>Says that a field which is there has no place here.</summary>
    public void Refuse(string name, string why)
    {
        if (Has(name))
            Error(name, why);
    }

    public void Error(string name, string text)
    {
        if (_members.TryGetValue(name, out var member))
            Error(name, text, member.Value);
        else
            Error(name, text, _map.Line, _map.Column);
    }

    /// <summary>Every field that nobody has asked for is an error, with the nearest known name.</summary>
    public void RefuseUnknown(string what)
    {
        foreach (var member in _map.Members)
        {
            if (!_known.Contains(member.Name))
                Error(member.Name, $"is no field of {what}{Suggestion(member.Name, _known)}", member.Line, member.Column);
        }
    }

    private bool Find(string name, bool required, string expected, out ConfigNode node)
    {
        var found = Has(name);
        node = found ? _members[name].Value : _map;
        if (!found && required)
            Error(name, $"is missing, expected {expected}", _map.Line, _map.Column);
        return found;
    }

    private void Error(string name, string text, ConfigNode node) => Error(name, text, node.Line, node.Column);

    private void Error(string name, string text, int line, int column) => _errors.Add(new(name, text, line, column));

    private static string Suggestion(string found, IEnumerable<string> known)
    {
        var nearest = known
            .Select(name => (Name: name, Distance: Distance(name, found)))
            .OrderBy(candidate => candidate.Distance).ThenBy(candidate => candidate.Name, StringComparer.Ordinal)
            .FirstOrDefault(candidate => candidate.Distance <= SuggestionDistanceMax);
        return nearest.Name is null ? "" : $"; did you mean `{nearest.Name}`?";
    }

    /// <summary>Levenshtein's distance; far apart for texts of very different length.</summary>
    private static int Distance(string left, string right)
    {
        if (Math.Abs(left.Length - right.Length) > SuggestionDistanceMax)
            return int.MaxValue;
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var replaced = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
