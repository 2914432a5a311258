/// The kernel's own message queues, POSIX (`mq:`) and System V (`sysv:`), used as they are: one message is one message of the
/// kernel, byte for byte, so that a program in any language can be the other end.
///
/// The kernel keeps the messages, gives each to one of those who receive, and outlives all of them: a queue stays until
/// it is removed or the machine is restarted. A thread that waits sleeps in ppoll(2) or msgrcv(2); a virtual one parks, and
/// a platform thread waits for it.
///
/// The two schemes are transports as well: an endpoint's clients have a pair of queues each, and pipes beside them prove that both
/// sides live.
package io.sluice.ipc.mq;
