package io.sluice.ipc.shm;

import io.sluice.ipc.tck.ShortForm;

/// The contract once more, with threads that never spin before they sleep.
@ShortForm({
    "messagesOfRandomSizesArriveWholeInASecondJvmAndBack",
    "messagesOfRandomSizesArriveWholeBothWaysAtOnce",
    "manySmallMessagesArriveInOrderAndOnceFromASecondJvm",
    "manySmallMessagesArriveInOrderAndOnceBothWaysAtOnce",
    "aBlockedSendGoesOnWhenThePeerReads",
    "aCloseWakesWhoReceivesOrSendsOnThisSide",
    "aKillWakesWhoReceives",
    "aKillWakesWhoSends",
    "fiftyClientsAreServedAtOnce",
    "moreVirtualThreadsThanCarriersWaitAndOthersGoOn"
})
final class ShmBlockingConformanceTest extends ShmConformanceTest {
    @Override
    protected String newAddress() {
        return super.newAddress() + "?wait=block";
    }
}
