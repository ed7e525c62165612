using CohortPipeline.Sinks;

namespace CohortPipeline.Control;

/// <summary>What a policy is printed for.</summary>
/// <param name="Account">The AWS account that our sinks run in, for trust policies.</param>
/// <param name="Principal">ARN that a bucket's policy names; null where the sink needs none.</param>
public sealed record PolicyRequest(string? Account, string? Principal);

/// <summary>One policy to paste into AWS: what it is for, and its JSON.</summary>
public sealed record PolicyDocument(string Name, string Json);

/// <summary>
/// Prints the policies of one kind of sink. The sinks' libraries know them and this library does not see AWS, so that whoever
/// hosts both registers one printer a sink.
/// </summary>
/// <param name="Sink">The word of the field <c>sink</c>.</param>
/// <param name="Print">Answers the policies, or throws <see cref="ArgumentException"/> with what the request lacks.</param>
public sealed record PolicyPrinter(string Sink, Func<Destination, PolicyRequest, IReadOnlyList<PolicyDocument>> Print);
