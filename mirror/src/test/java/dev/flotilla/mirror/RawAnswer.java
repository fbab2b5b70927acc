package dev.flotilla.mirror;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/** What comes on a connection that the other side has to close. */
final class RawAnswer {
    private RawAnswer() {}

    /** All of it, one character for each byte; also where the connection is reset. Fails where the socket's time-out passes in silence. */
    static String of(Socket socket) {
        var answer = new ByteArrayOutputStream();
        byte[] part = new byte[8192];
        try {
            for (int read = socket.getInputStream().read(part);
                    read >= 0;
                    read = socket.getInputStream().read(part)) {
                answer.write(part, 0, read);
            }
        } catch (SocketTimeoutException never) {
            throw new AssertionError("the connection goes on", never);
        } catch (IOException reset) {
            return answer.toString(StandardCharsets.ISO_8859_1);
        }
        return answer.toString(StandardCharsets.ISO_8859_1);
    }
}
