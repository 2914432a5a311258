package io.sluice.ipc.tck;

import org.junit.jupiter.api.extension.ExtendWith;

/// A line of the contract, as an interface whose default methods are tests; each takes a [TestBed].
@ExtendWith(TestBedExtension.class)
interface Line {}
