package dev.flotilla.mirror.files;

import dev.flotilla.vocabulary.Sha256;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Which attempts at files became which file, the last ones of a bounded number. Who was cut off while he got the bytes of an
 * attempt may go on with the file if, and only if, it stands here. Safe for use from any thread.
 */
final class Attempts {
    private final Map<String, Sha256> committed;

    /** @param most how many are remembered */
    Attempts(int most) {
        this.committed = new LinkedHashMap<>() {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Sha256> eldest) {
                return size() > most;
            }
        };
    }

    synchronized void committed(String tag, Sha256 digest) {
        committed.put(tag, digest);
    }

    /** Whether the bytes that were sent under {@code tag} are the beginning of the file with this digest. */
    synchronized boolean isOf(String tag, Sha256 digest) {
        return digest.equals(committed.get(tag));
    }
}
