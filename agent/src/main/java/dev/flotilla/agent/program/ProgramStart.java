package dev.flotilla.agent.program;

import java.io.IOException;
import java.time.Duration;

/**
 * Starts a program that may have been unpacked a moment ago. A file can't be executed while anybody has it open for writing, and whatever
 * another thread of this agent starts inherits that for the moment until it closes what it doesn't need. That passes, and speaks against
 * no release.
 */
public final class ProgramStart {
    private static final int TRIES = 100;
    private static final Duration BETWEEN = Duration.ofMillis(50);

    /** ETXTBSY, in the words of the C library. */
    private static final String BUSY = "Text file busy";

    private ProgramStart() {}

    /** Starts it; {@link IOException} where that fails for another reason, or the file is busy for five seconds. */
    public static Process of(ProcessBuilder program) throws IOException {
        for (int number = 1; true; number++) {
            try {
                return program.start();
            } catch (IOException failed) {
                if (number == TRIES || !String.valueOf(failed.getMessage()).contains(BUSY)) {
                    throw failed;
                }
                try {
                    Thread.sleep(BETWEEN);
                } catch (InterruptedException ended) {
                    Thread.currentThread().interrupt();
                    throw failed;
                }
            }
        }
    }
}
