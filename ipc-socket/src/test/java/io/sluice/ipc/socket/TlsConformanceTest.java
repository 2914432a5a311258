package io.sluice.ipc.socket;

import io.sluice.ipc.tck.ShortForm;
import io.sluice.ipc.tck.TransportContract;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/// The contract once more, with TLS in between.
@ShortForm({
    "messagesOfRandomSizesArriveWholeInASecondJvmAndBack",
    "messagesOfRandomSizesArriveWholeBothWaysAtOnce",
    "anOfferIsRefusedWhenThePeerDoesNotReadAndAllAcceptedOnesArrive",
    "aLargeMessageThatTimesOutHalfWayIsNeverSeenInPart",
    "aBlockedSendGoesOnWhenThePeerReads",
    "aSecondJvmThatStallsCausesBackPressureAndLosesNothing",
    "aMalformedValueIsRefusedAndWhatIsValidIsNamed",
    "aKillWakesWhoReceives",
    "fiftyClientsAreServedAtOnce",
    "moreVirtualThreadsThanCarriersWaitAndOthersGoOn",
    "nothingStaysOfServersThatWereClosed"
})
class TlsConformanceTest extends TransportContract {
    private static final List<String> ADDRESSES =
            IntStream.range(0, 500).mapToObj(_ -> Loopback.address("tls")).toList();
    private static final AtomicInteger NEXT = new AtomicInteger();

    @TempDir
    private static Path directory;
    private static String options;

    @BeforeAll
    static void issue() {
        Authority root = Authority.root("root");
        String[] hosts = ADDRESSES.stream()
                .map(address -> address.substring("tls://".length(), address.lastIndexOf(':')))
                .toArray(String[]::new);
        options = "?" + root.issue("one for all", hosts).write(directory, "all") + "&trust=" + root.write(directory)
                + "&client=required";
    }

    @Override
    protected String newAddress() {
        return ADDRESSES.get(NEXT.getAndIncrement() % ADDRESSES.size()) + options;
    }
}
