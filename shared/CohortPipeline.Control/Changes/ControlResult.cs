namespace CohortPipeline.Control;

/// <summary>Why a request was refused; the number is the HTTP status it becomes.</summary>
public enum ControlErrorKind
{
    /// <summary>What was sent is wrong; nothing was changed.</summary>
    Invalid = 400,
    NotFound = 404,

    /// <summary>Another writer changed something at the same time; nothing was changed, the same request again is right.</summary>
    Conflict = 409,

    /// <summary>The log does not answer; nothing is known to have changed.</summary>
    Unavailable = 503,
}

/// <summary>A refusal: what it is about, and each thing that was found, what was expected, and what to do.</summary>
public sealed record ControlError(ControlErrorKind Kind, string Title, IReadOnlyList<string> Details)
{
    public ControlError(ControlErrorKind kind, string title, params string[] details)
        : this(kind, title, (IReadOnlyList<string>)details)
    {
    }
}

public static class ControlResult
{
    /// <summary>For values known by an interface, which C# converts to nothing by itself.</summary>
    public static ControlResult<T> Of<T>(T value) => ControlResult<T>.From(value);
}

/// <summary>A value, or the error that stands in its place.</summary>
public readonly record struct ControlResult<T>
{
    private readonly T? _value;

    private ControlResult(T? value, ControlError? error)
    {
        _value = value;
        Error = error;
    }

    public ControlError? Error { get; }

    public bool IsError => Error is not null;

    public T Value => IsError ? throw new InvalidOperationException($"there is no value: {Error!.Title}") : _value!;

    internal static ControlResult<T> From(T value) => new(value, null);

    public static implicit operator ControlResult<T>(T value) => new(value, null);

    public static implicit operator ControlResult<T>(ControlError error) => new(default, error);
}
