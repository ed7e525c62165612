using CohortPipeline.Rules.Sources;

namespace CohortPipeline.Rules.Lint;

/// <summary>The way to a value inside a definition: names of members and places in lists.</summary>
internal sealed class SourcePath
{
    private readonly SourcePath? _parent;
    private readonly string _name;
    private readonly int _index;

    private SourcePath(SourcePath? parent, string name, int index = 0)
    {
        _parent = parent;
        _name = name;
        _index = index;
    }

    public static SourcePath Of(string name) => new(null, name);

    public SourcePath Member(string name) => new(this, name);

    public SourcePath Item(int index) => new(this, "", index);

    /// <summary>Where it leads to; for what a file does not write out, the nearest thing around it.</summary>
    public SourceNode FindIn(SourceNode definition)
    {
        var holder = _parent is null ? definition : _parent.FindIn(definition);
        return holder switch
        {
            SourceMap map => map.Members.FirstOrDefault(member => member.Name == _name)?.Value ?? holder,
            SourceList list when _name.Length == 0 => list.Items[_index],
            _ => holder,
        };
    }

    public override string ToString() => _name.Length == 0 ? $"{_parent}[{_index}]" : _parent is null ? _name : $"{_parent}.{_name}";
}
