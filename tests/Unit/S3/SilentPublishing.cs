using CohortPipeline.Sinks.S3.Objects;
using CohortPipeline.Sinks.S3.Publishing;
using Xunit;

namespace CohortPipeline.Tests.Unit.S3;

/// <summary>Hears of publishing that must meet no trouble.</summary>
internal sealed class SilentPublishing : IPublishingObserver
{
    void IPublishingObserver.Stored(ObjectHead item, long bytes, bool wasThereBefore)
    {
    }

    void IPublishingObserver.Failed(string key, StoreAnswer answer) => Assert.Fail($"{key}: {answer}");

    void IPublishingObserver.Parked(StoreAnswer answer) => Assert.Fail($"parked: {answer}");
}
