using CohortPipeline.TestKit.Kafka;
using CohortPipeline.TestKit.Parts;
using Xunit;

[assembly: AssemblyFixture(typeof(RealPartsReport))]
[assembly: AssemblyFixture(typeof(SharedKafka))]
