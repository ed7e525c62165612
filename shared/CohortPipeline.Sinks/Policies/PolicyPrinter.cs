namespace CohortPipeline.Sinks;

/// <summary>What policies are printed for.</summary>
/// <param name="Account">The AWS account that our sinks run in, for trust policies.</param>
/// <param name="Principal">ARN that our sink runs as, for bucket policies.</param>
public sealed record PolicyRequest(string? Account, string? Principal);

/// <summary>One policy for the owner of a stream or bucket to put in place: what it is for, and its JSON.</summary>
public sealed record PolicyDocument(string Name, string Json);

/// <summary>
/// Prints the policies of one kind of sink. Control shows them and does not see AWS, so that a host registers the printer of
/// each kind it knows.
/// </summary>
/// <param name="Sink">The word of the field <c>sink</c>.</param>
/// <param name="Print">Answers the policies, or throws <see cref="ArgumentException"/> with what the request lacks.</param>
public sealed record PolicyPrinter(string Sink, Func<Destination, PolicyRequest, IReadOnlyList<PolicyDocument>> Print);
