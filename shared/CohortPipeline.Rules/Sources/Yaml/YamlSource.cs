using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace CohortPipeline.Rules.Sources.Yaml;

/// <summary>Reads YAML documents by the 1.2 core schema, with the place of every value.</summary>
internal static class YamlSource
{
    public static IReadOnlyList<SourceNode> Read(string text, out SyntaxError? error)
    {
        try
        {
            error = null;
            return new Builder(new Parser(new Scanner(new StringReader(text), skipComments: true))).ReadStream();
        }
        catch (YamlException exception)
        {
            error = new((int)exception.Start.Line, (int)exception.Start.Column, $"what is no YAML ({exception.Message})", "YAML or JSON");
        }
        catch (SourceException exception)
        {
            error = exception.Error;
        }

        return [];
    }

    private sealed class Builder(Parser parser)
    {
        private const string TagPrefix = "tag:yaml.org,2002:";

        private readonly Dictionary<string, (SourceNode Node, int Size)> _anchors = new(StringComparer.Ordinal);
        private int _nodes;

        public List<SourceNode> ReadStream()
        {
            var documents = new List<SourceNode>();
            while (MoveNext())
            {
                if (parser.Current is not DocumentStart)
                    continue;
                _anchors.Clear();
                MoveNext();
                var root = Read(0);
                if (root is not SourceScalar { Kind: ScalarKind.Null })
                    documents.Add(root);
            }

            return documents;
        }

        private SourceNode Read(int depth)
        {
            var current = parser.Current!;
            var (line, column) = Place(current);
            if (depth > SourceText.DepthMax)
                throw new SourceException(line, column, "deeper nesting", $"at most {SourceText.DepthMax} levels");
            Count(1, line, column);
            var nodesBefore = _nodes;
            if (current is AnchorAlias alias)
            {
                MoveNext();
                return Unfold(alias, line, column);
            }

            SourceNode node = current switch
            {
                Scalar scalar => ReadScalar(scalar, line, column),
                SequenceStart sequence => ReadList(sequence, depth, line, column),
                MappingStart mapping => ReadMap(mapping, depth, line, column),
                _ => throw new SourceException(line, column, $"{current}", "a value"),
            };
            if (current is NodeEvent { Anchor.IsEmpty: false } anchored)
                _anchors[anchored.Anchor.Value] = (node, _nodes - nodesBefore + 1);
            return node;
        }

        private SourceNode Unfold(AnchorAlias alias, int line, int column)
        {
            if (!_anchors.TryGetValue(alias.Value.Value, out var anchored))
                throw new SourceException(line, column, $"the alias *{alias.Value.Value}", "an anchor of that name before it");
            Count(anchored.Size, line, column);
            return anchored.Node;
        }

        private SourceScalar ReadScalar(Scalar scalar, int line, int column)
        {
            MoveNext();
            var tag = scalar.Tag.IsEmpty || scalar.Tag.IsNonSpecific ? "" : scalar.Tag.Value;
            if (tag == $"{TagPrefix}str" || (tag.Length == 0 && !scalar.IsPlainImplicit) || scalar.Tag.IsNonSpecific)
                return new(ScalarKind.Text, scalar.Value, line, column);
            var (kind, text) = CoreSchema.Resolve(scalar.Value);
            var tagged = tag switch
            {
                "" => true,
                $"{TagPrefix}null" => kind == ScalarKind.Null,
                $"{TagPrefix}bool" => kind == ScalarKind.Boolean,
                $"{TagPrefix}int" or $"{TagPrefix}float" => kind == ScalarKind.Number,
                _ => false,
            };
            return tagged ? new(kind, text, line, column) : throw new SourceException(line, column, $"the tag {tag}", "a tag of YAML's core schema that fits its value");
        }

        private SourceList ReadList(SequenceStart start, int depth, int line, int column)
        {
            CheckTag(start, "seq", line, column);
            MoveNext();
            var items = new List<SourceNode>();
            while (parser.Current is not SequenceEnd)
                items.Add(Read(depth + 1));
            MoveNext();
            return new(items, line, column);
        }

        private SourceMap ReadMap(MappingStart start, int depth, int line, int column)
        {
            CheckTag(start, "map", line, column);
            MoveNext();
            var members = new List<SourceMember>();
            var names = new HashSet<string>(StringComparer.Ordinal);
            while (parser.Current is not MappingEnd)
            {
                var (nameLine, nameColumn) = Place(parser.Current!);
                if (Read(depth + 1) is not SourceScalar name)
                    throw new SourceException(nameLine, nameColumn, "a key that is no text", "a text");
                if (!names.Add(name.Text))
                    throw new SourceException(nameLine, nameColumn, $"`{name.Text}` a second time", "each name once in an object");
                members.Add(new(name.Text, nameLine, nameColumn, Read(depth + 1)));
            }

            MoveNext();
            return new(members, line, column);
        }

        /// <summary>The library answers some broken texts with exceptions that name no place: it is just behind what was read last.</summary>
        private bool MoveNext()
        {
            try
            {
                return parser.MoveNext();
            }
            catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or FormatException or OverflowException or IndexOutOfRangeException)
            {
                var last = parser.Current?.End ?? Mark.Empty;
                throw new SourceException((int)last.Line, (int)last.Column, "what is no YAML", "YAML or JSON");
            }
        }

        private static void CheckTag(NodeEvent node, string name, int line, int column)
        {
            if (!node.Tag.IsEmpty && !node.Tag.IsNonSpecific && node.Tag.Value != TagPrefix + name)
                throw new SourceException(line, column, $"the tag {node.Tag.Value}", "a tag of YAML's core schema that fits its value");
        }

        private void Count(int nodes, int line, int column)
        {
            _nodes += nodes;
            if (_nodes > SourceText.NodesMax)
                throw new SourceException(line, column, "more values", $"at most {SourceText.NodesMax} in a file, aliases unfolded");
        }

        private static (int Line, int Column) Place(ParsingEvent at) => ((int)at.Start.Line, (int)at.Start.Column);
    }
}
