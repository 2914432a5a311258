/// One API for messages between processes: [io.sluice.ipc.Ipc] opens a [io.sluice.ipc.Channel] on an
/// [io.sluice.ipc.Address], and the address alone says which mechanism carries it.
package io.sluice.ipc;
