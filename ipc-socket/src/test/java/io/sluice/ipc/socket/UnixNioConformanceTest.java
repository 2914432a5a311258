package io.sluice.ipc.socket;

import io.sluice.ipc.tck.ShortForm;

/// The contract once more, with the JDK's sockets, as they are where Netty's native library is not.
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
final class UnixNioConformanceTest extends UnixConformanceTest {
    @Override
    protected String newAddress() {
        return UnixConformanceTest.address("nio");
    }
}
