package dev.flotilla.mirror.handover;

import dev.flotilla.mirror.configuration.ListenAddress;

/**
 * Where a mirror listens for whom, as its configuration says. Two mirrors that are configured alike share one socket, also
 * where the system chose the port.
 */
public record Place(Purpose purpose, ListenAddress address) {
    /** Who comes. */
    public enum Purpose {
        CLIENTS(1),
        OPERATIONS(2),
        ENCRYPTED(3);

        private final int number;

        Purpose(int number) {
            this.number = number;
        }

        /** Above 0, and of this purpose alone. */
        public int number() {
            return number;
        }
    }

    public static Place ofClients(ListenAddress address) {
        return new Place(Purpose.CLIENTS, address);
    }

    public static Place ofEncryptedClients(ListenAddress address) {
        return new Place(Purpose.ENCRYPTED, address);
    }

    public static Place ofOperations(ListenAddress address) {
        return new Place(Purpose.OPERATIONS, address);
    }

    /** As it goes from one process to the other: one word. */
    String word() {
        return purpose + "=" + address;
    }
}
