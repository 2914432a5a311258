/// What a transport implements and builds on; applications do not need it.
package io.sluice.ipc.spi;
