using CohortPipeline.Sinks.S3.Objects;
using CohortPipeline.Sinks.S3.Publishing;
using Xunit;

namespace CohortPipeline.Tests.Unit.S3;

/// <summary>What an upload wants next, told as scripts: what happened, and what is to be done then.</summary>
public sealed class UploadStepsTests
{
    private static readonly StoreAnswer Slow = StoreAnswer.TryAgain("SlowDown", "503");
    private static readonly StoreAnswer Gone = StoreAnswer.UploadGone("NoSuchUpload", "404");
    private static readonly StoreAnswer Differs = StoreAnswer.Refused("ObjectDiffers", "");
    private static readonly StoreAnswer Denied = StoreAnswer.Refused("AccessDenied", "403");

    [Fact]
    public void An_object_of_one_part_is_put() => Play(
        (Part(isLast: true), UploadCommand.Put),
        (Answer(StoreAnswer.Stored), UploadCommand.Done));

    [Fact]
    public void A_larger_one_is_sent_in_parts() => Play(
        (Part(isLast: false), UploadCommand.Begin),
        (Answer(StoreAnswer.Stored), UploadCommand.Send),
        (Answer(StoreAnswer.Stored), UploadCommand.Read),
        (Part(isLast: true), UploadCommand.Send),
        (Answer(StoreAnswer.Stored), UploadCommand.Complete),
        (Answer(StoreAnswer.Stored), UploadCommand.Done));

    [Fact]
    public void One_that_is_there_with_the_same_checksum_was_stored_before_and_its_parts_are_given_up()
    {
        Assert.True(Play((Part(isLast: true), UploadCommand.Put), (Answer(StoreAnswer.Exists), UploadCommand.Compare), (Answer(StoreAnswer.Stored), UploadCommand.Done)).WasThereBefore);
        Assert.True(Play([.. Sent(), (Answer(StoreAnswer.Exists), UploadCommand.Compare), (Answer(StoreAnswer.Stored), UploadCommand.Abort), (Answer(Slow), UploadCommand.Done)]).WasThereBefore);
    }

    [Fact]
    public void One_that_differs_parks_at_once_and_is_written_only_once_it_is_gone()
    {
        var parked = Play([.. Sent(), (Answer(StoreAnswer.Exists), UploadCommand.Compare), (Answer(Differs), UploadCommand.Wait)]);
        Assert.True(parked.IsParked);
        Continue(
            parked,
            (new UploadInput.Ready(), UploadCommand.Complete),
            (Answer(StoreAnswer.Exists), UploadCommand.Compare),
            (Answer(StoreAnswer.Absent), UploadCommand.Wait),
            (new UploadInput.Ready(), UploadCommand.Complete),
            (Answer(StoreAnswer.Stored), UploadCommand.Done));
    }

    [Fact]
    public void Without_the_right_to_compare_it_parks() =>
        Assert.True(Play((Part(isLast: true), UploadCommand.Put), (Answer(StoreAnswer.Exists), UploadCommand.Compare), (Answer(Denied), UploadCommand.Wait)).IsParked);

    [Fact]
    public void What_passes_is_tried_again_and_parks_after_many_attempts_in_a_row()
    {
        var steps = Play((Part(isLast: true), UploadCommand.Put));
        for (var attempt = 1; attempt <= PublishingLimits.AttemptsBeforeParked; attempt++)
        {
            steps = Continue(steps, (Answer(Slow), UploadCommand.Wait));
            Assert.Equal((attempt, attempt == PublishingLimits.AttemptsBeforeParked), (steps.Attempt, steps.IsParked));
            steps = Continue(steps, (new UploadInput.Ready(), UploadCommand.Put));
        }
    }

    [Fact]
    public void A_part_that_is_stored_makes_the_failures_before_it_forgotten()
    {
        var steps = Play((Part(isLast: false), UploadCommand.Begin), (Answer(StoreAnswer.Stored), UploadCommand.Send), (Answer(Slow), UploadCommand.Wait));
        steps = Continue(steps, (new UploadInput.Ready(), UploadCommand.Send), (Answer(StoreAnswer.Stored), UploadCommand.Read));
        Assert.Equal(0, steps.Attempt);
    }

    [Fact]
    public void An_upload_that_is_gone_under_way_is_begun_anew_from_the_first_part() => Play(
        (Part(isLast: false), UploadCommand.Begin),
        (Answer(StoreAnswer.Stored), UploadCommand.Send),
        (Answer(Gone), UploadCommand.Wait),
        (new UploadInput.Ready(), UploadCommand.StartOver),
        (new UploadInput.Ready(), UploadCommand.Read),
        (Part(isLast: false), UploadCommand.Begin));

    [Fact]
    public void One_that_is_gone_when_it_is_completed_may_have_been_by_a_call_whose_answer_never_came()
    {
        var asked = Play([.. Sent(), (Answer(Slow), UploadCommand.Wait), (new UploadInput.Ready(), UploadCommand.Complete), (Answer(Gone), UploadCommand.Compare)]);
        Continue(asked, (Answer(StoreAnswer.Stored), UploadCommand.Done));
        Continue(
            asked,
            (Answer(Slow), UploadCommand.Wait),
            (new UploadInput.Ready(), UploadCommand.Complete),
            (Answer(Gone), UploadCommand.Compare),
            (Answer(StoreAnswer.Absent), UploadCommand.Wait),
            (new UploadInput.Ready(), UploadCommand.StartOver));
    }

    private static (UploadInput, UploadCommand)[] Sent() =>
    [
        (Part(isLast: false), UploadCommand.Begin),
        (Answer(StoreAnswer.Stored), UploadCommand.Send),
        (Answer(StoreAnswer.Stored), UploadCommand.Read),
        (Part(isLast: true), UploadCommand.Send),
        (Answer(StoreAnswer.Stored), UploadCommand.Complete),
    ];

    private static UploadSteps Play(params (UploadInput, UploadCommand)[] script)
    {
        var start = new UploadSteps();
        Assert.Equal(UploadCommand.Read, start.Command);
        return Continue(start, script);
    }

    private static UploadSteps Continue(UploadSteps steps, params (UploadInput Happened, UploadCommand Next)[] script)
    {
        foreach (var (happened, next) in script)
        {
            steps = steps.After(happened);
            Assert.Equal(next, steps.Command);
        }

        return steps;
    }

    private static UploadInput.PartRead Part(bool isLast) => new(isLast);

    private static UploadInput.Answered Answer(StoreAnswer answer) => new(answer);
}
