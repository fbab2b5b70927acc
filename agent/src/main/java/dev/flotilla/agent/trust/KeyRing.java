package dev.flotilla.agent.trust;

import java.util.Map;

/**
 * The keys that may sign for one role and how many different ones have to.
 *
 * @param threshold at least 1 and not more than there are keys
 */
public record KeyRing(Map<KeyId, PublicKey> keys, int threshold) {
    public KeyRing {
        keys = Map.copyOf(keys);
        if (threshold < 1 || threshold > keys.size()) {
            throw new IllegalArgumentException(
                    "a threshold of " + threshold + " can't be met by " + keys.size() + " keys, or means nothing");
        }
    }
}
