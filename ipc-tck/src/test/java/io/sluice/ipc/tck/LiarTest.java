package io.sluice.ipc.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.lang.reflect.Method;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

/// The suite can fail: each [Lie] is found by the test that is there to find it, which passes where there is none.
final class LiarTest {
    @AfterEach
    void beHonest() {
        LiarContract.lie = Lie.NONE;
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void theSuiteFindsEachLieWhereItIsAndOnlyThere(Lie lie) {
        LiarContract.lie = lie;
        assertTrue(run(lie.foundBy()).failed().count() > 0, () -> lie.foundBy() + " does not notice that it " + lie);
        LiarContract.lie = Lie.NONE;
        Events honest = run(lie.foundBy());
        assertEquals(0, honest.failed().count(), () -> lie.foundBy() + " fails though there is no lie: "
                + honest.failed().list());
    }

    private static Events run(String test) {
        Method method = Arrays.stream(LiarContract.class.getMethods())
                .filter(candidate -> candidate.getName().equals(test))
                .findFirst()
                .orElseThrow(() -> new AssertionError("the suite has no test named " + test));
        return EngineTestKit.engine("junit-jupiter")
                .selectors(selectMethod(LiarContract.class, method))
                .execute()
                .testEvents();
    }
}
