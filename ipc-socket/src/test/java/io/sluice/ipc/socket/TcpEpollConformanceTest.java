package io.sluice.ipc.socket;

import io.sluice.ipc.tck.ShortForm;

/// The contract once more, with a loop on epoll, and the system's sockets.
@ShortForm({
    "messagesOfRandomSizesArriveWholeInASecondJvmAndBack",
    "messagesOfRandomSizesArriveWholeBothWaysAtOnce",
    "aBlockedSendGoesOnWhenThePeerReads",
    "aCloseWakesWhoReceivesOrSendsOnThisSide",
    "aKillWakesWhoReceives",
    "aKillWakesWhoSends",
    "fiftyClientsAreServedAtOnce",
    "moreVirtualThreadsThanCarriersWaitAndOthersGoOn"
})
final class TcpEpollConformanceTest extends TcpConformanceTest {
    @Override
    protected String newAddress() {
        return TcpConformanceTest.address("epoll");
    }
}
