package io.sluice.ipc.socket;

import io.sluice.ipc.tck.ShortForm;

/// The contract once more, with a loop on io_uring.
@ShortForm({
    "messagesOfRandomSizesArriveWholeInASecondJvmAndBack",
    "messagesOfRandomSizesArriveWholeBothWaysAtOnce",
    "aBlockedSendGoesOnWhenThePeerReads",
    "aCloseWakesWhoReceivesOrSendsOnThisSide",
    "aKillWakesWhoReceives",
    "aKillWakesWhoSends",
    "fiftyClientsAreServedAtOnce",
    "moreVirtualThreadsThanCarriersWaitAndOthersGoOn",
    "nothingStaysOfServersThatWereClosed"
})
final class TcpIoUringConformanceTest extends TcpConformanceTest {
    @Override
    protected String newAddress() {
        return TcpConformanceTest.address("io_uring");
    }
}
