package dev.flotilla.controller.client;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;

/** Where addresses of names come from. Every call is bounded in time. Thread-safe. */
@FunctionalInterface
public interface Names {
    Answer resolve(String host);

    /** What came of a question. */
    sealed interface Answer {
        /**
         * Addresses in the order of their text, at least one.
         *
         * @param left how long they may be kept from now on
         */
        record Addresses(List<InetAddress> addresses, Duration left) implements Answer {
            public Addresses {
                addresses = List.copyOf(addresses);
                if (addresses.isEmpty()) {
                    throw new IllegalArgumentException("an answer without addresses is none");
                }
            }
        }

        /** There is no address, or nobody could be asked. */
        record None(String reason) implements Answer {}
    }
}
