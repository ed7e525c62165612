using CohortPipeline.TestKit.Kafka;
using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Aws;
using Xunit;

[assembly: AssemblyFixture(typeof(RealPartsReport))]
[assembly: AssemblyFixture(typeof(SharedKafka))]
[assembly: AssemblyFixture(typeof(VersityGateway))]
