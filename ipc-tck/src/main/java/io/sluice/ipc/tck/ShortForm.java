package io.sluice.ipc.tck;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Arrays;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/// On a [TransportContract] for a variant of a transport, all of whose contract is tested without the variation: only some of
/// its tests run always, and all of them with the system property `ipc.soak=true`.
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(ShortForm.Condition.class)
public @interface ShortForm {
    /// The names of the tests that run always: what the variation could break first.
    String[] value();

    /// Leaves the other tests out.
    final class Condition implements ExecutionCondition {
        /// For JUnit.
        public Condition() {}

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            String[] always = context.getRequiredTestClass().getAnnotation(ShortForm.class).value();
            boolean runs = Boolean.getBoolean("ipc.soak")
                    || context.getTestMethod()
                            .map(method -> Arrays.asList(always).contains(method.getName()))
                            .orElse(true);
            return runs
                    ? ConditionEvaluationResult.enabled("all are wanted, or this one always")
                    : ConditionEvaluationResult.disabled("with -Dipc.soak=true");
        }
    }
}
