package io.sluice.ipc.file;

import io.sluice.ipc.tck.ShortForm;

/// The contract once more, without any mapping.
@ShortForm({
    "messagesOfRandomSizesArriveWholeInASecondJvmAndBack",
    "aMixOfLargeAndSmallMessagesKeepsItsOrder",
    "anAbortedClaimLeavesNothing",
    "aSecondJvmReadsWhatWasSentThenTheEnd",
    "aSecondBindIsRefusedAcrossProcesses",
    "aKillWakesWhoReceives",
    "everyWayOfWaitingIsWokenByAMessage",
    "nothingStaysAtAnEndpointWhoseClientsCameAndWent"
})
final class FileStreamConformanceTest extends FileConformanceTest {
    @Override
    protected String newAddress() {
        return super.newAddress() + "?io=stream";
    }

    /// Each is looked at again and again, and that takes its time.
    @Override
    protected int maxChannels() {
        return 30;
    }
}
