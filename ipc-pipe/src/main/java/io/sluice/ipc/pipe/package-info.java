package io.sluice.ipc.pipe;

/// `stdio:` and `pipe:`: pipes of the kernel, one each way.
///
/// `stdio:` is for a parent and its child ([io.sluice.ipc.pipe.ChildProcess]), over anonymous pipes that the child inherits beside
/// its standard streams. `pipe:` is for a server and any number of clients of the same user, over a pair of named pipes for each, whose
/// names are gone as soon as both sides hold them. Threads wait in poll(2). The end of file, and EPIPE, prove that the peer is
/// gone; a closing frame before it tells a close from a death.
///
/// With `framing=line` or `raw` any program is a peer: `sort`, `bc`, `cat`, a shell.
