package io.sluice.ipc.tck;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.opentest4j.TestAbortedException;

/// Gives each test its [TestBed], adds the evidence to its failure, and clears up after it.
final class TestBedExtension
        implements
            ParameterResolver,
            TestExecutionExceptionHandler,
            AfterEachCallback,
            AfterAllCallback {
    private static final Namespace HERE = Namespace.create(TestBedExtension.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == TestBed.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        TestBed bed = new TestBed((TransportContract) context.getRequiredTestInstance(),
                context.getRequiredTestMethod().getName());
        Spares.prepareWith(bed.address());
        context.getStore(HERE).put(TestBed.class, bed);
        return bed;
    }

    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
        TestBed bed = context.getStore(HERE).get(TestBed.class, TestBed.class);
        if (bed != null && !(failure instanceof TestAbortedException)) {
            bed.evidence().stream().filter(evidence -> evidence != failure).forEach(failure::addSuppressed);
        }
        throw failure;
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        TestBed bed = context.getStore(HERE).remove(TestBed.class, TestBed.class);
        if (bed != null) {
            bed.clear();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        Spares.clear();
    }
}
