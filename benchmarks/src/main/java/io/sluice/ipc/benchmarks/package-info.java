/// The same work over our transports and over their peers, in one run, reported as ratios.
package io.sluice.ipc.benchmarks;
