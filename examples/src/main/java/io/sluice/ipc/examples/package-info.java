/// Programs to copy from, each a page long.
package io.sluice.ipc.examples;
