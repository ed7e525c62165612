using System.Buffers;
using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace CohortPipeline.Sinks;

/// <summary>YAML as nodes with their places, plain scalars by the 1.2 core schema (<c>NO</c> and <c>yes</c> are texts).</summary>
internal static class YamlConfig
{
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("+-.0123456789eE");

    /// <exception cref="ConfigTextException">It is no YAML, or has anchors or aliases.</exception>
    public static IReadOnlyList<ConfigNode> Read(string text)
    {
        try
        {
            var parser = new Parser(new StringReader(text.TrimStart('\uFEFF')));
            var documents = new List<ConfigNode>();
            parser.Consume<StreamStart>();
            while (!parser.Accept<StreamEnd>(out _))
            {
                parser.Consume<DocumentStart>();
                var document = ReadNode(parser, 0);
                if (document is not ConfigScalar { Kind: ConfigScalarKind.Null })
                    documents.Add(document);
                parser.Consume<DocumentEnd>();
            }

            return documents;
        }
        catch (YamlException exception)
        {
            throw new ConfigTextException($"not valid YAML: {exception.Message}", (int)exception.Start.Line, (int)exception.Start.Column);
        }
    }

    private static ConfigNode ReadNode(Parser parser, int depth)
    {
        var found = parser.Consume<ParsingEvent>();
        var (line, column) = ((int)found.Start.Line, (int)found.Start.Column);
        if (depth > ConfigText.DepthMax)
            throw new ConfigTextException($"nested deeper than {ConfigText.DepthMax}", line, column);
        if (found is NodeEvent { Anchor.IsEmpty: false } or AnchorAlias)
            throw new ConfigTextException("anchors and aliases are not used here: write the value out", line, column);
        switch (found)
        {
            case Scalar scalar:
                return new ConfigScalar(KindOf(scalar), scalar.Value, line, column);
            case SequenceStart:
                var items = new List<ConfigNode>();
                while (!parser.TryConsume<SequenceEnd>(out _))
                    items.Add(ReadNode(parser, depth + 1));
                return new ConfigList(items, line, column);
            case MappingStart:
                var members = new List<ConfigMember>();
                while (!parser.TryConsume<MappingEnd>(out _))
                    members.Add(ReadMember(parser, depth));
                return new ConfigMap(members, line, column);
            default:
                throw new ConfigTextException("expected a value", line, column);
        }
    }

    private static ConfigMember ReadMember(Parser parser, int depth)
    {
        if (ReadNode(parser, depth + 1) is not ConfigScalar name)
            throw new ConfigTextException("expected the name of a field", (int)parser.Current!.Start.Line, (int)parser.Current.Start.Column);
        return new(name.Text, ReadNode(parser, depth + 1), name.Line, name.Column);
    }

    private static ConfigScalarKind KindOf(Scalar scalar)
    {
        if (scalar.Style != ScalarStyle.Plain)
            return ConfigScalarKind.Text;
        return scalar.Value switch
        {
            "" or "~" or "null" or "Null" or "NULL" => ConfigScalarKind.Null,
            "true" or "True" or "TRUE" or "false" or "False" or "FALSE" => ConfigScalarKind.Boolean,
            _ => IsNumber(scalar.Value) ? ConfigScalarKind.Number : ConfigScalarKind.Text,
        };
    }

    private static bool IsNumber(string text) =>
        !text.AsSpan().ContainsAnyExcept(NumberCharacters)
        && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
}
