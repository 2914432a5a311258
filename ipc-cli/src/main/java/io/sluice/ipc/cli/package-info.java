/// The `ipc` command: what a channel does, from a shell.
package io.sluice.ipc.cli;
