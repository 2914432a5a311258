package io.sluice.ipc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class MessageTest {
    @Test
    void aMessageIsItsBytesInAllItsForms() {
        byte[] bytes = "gr\u00fc\u00df dich".getBytes(StandardCharsets.UTF_8);
        Message message = new Message(bytes);
        assertSame(bytes, message.bytes());
        assertEquals(bytes.length, message.length());
        assertEquals("gr\u00fc\u00df dich", message.text());
        assertEquals(bytes.length, message.buffer().capacity());
        message.buffer().putByte(0, (byte) 'G');
        assertEquals('G', bytes[0]);
        assertEquals("Message[11 bytes]", message.toString(), "no content, which may be secret or huge");
    }

    @Test
    void aMessageMayBeEmpty() {
        Message message = new Message(new byte[0]);
        assertEquals(0, message.length());
        assertEquals("", message.text());
        assertEquals(0, message.buffer().capacity());
    }
}
