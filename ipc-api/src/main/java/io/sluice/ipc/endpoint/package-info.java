/// Endpoints and servers, as far as they are the same whatever carries their channels.
package io.sluice.ipc.endpoint;
