using CohortPipeline.TestKit;
using CohortPipeline.TestKit.Aws;
using CohortPipeline.TestKit.Aws.Kinesis;
using CohortPipeline.TestKit.Kafka;
using Xunit;

[assembly: AssemblyFixture(typeof(RealPartsReport))]
[assembly: AssemblyFixture(typeof(SharedKafka))]
[assembly: AssemblyFixture(typeof(VersityGateway))]
[assembly: AssemblyFixture(typeof(SharedMoto))]
[assembly: AssemblyFixture(typeof(SharedKinesisMock))]
