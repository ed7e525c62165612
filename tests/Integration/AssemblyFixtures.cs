using CohortPipeline.TestKit.Kafka;
using CohortPipeline.TestKit;
using Xunit;

[assembly: AssemblyFixture(typeof(RealPartsReport))]
[assembly: AssemblyFixture(typeof(SharedKafka))]
