package dev.flotilla.agent.trust;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Where trusted metadata are kept from one update to the next: the memory that makes rollbacks visible. A write is on disk,
 * whole, when it returns. For one thread.
 */
public interface MetadataStore {
    /** The document of a role as it came, byte for byte. */
    Optional<byte[]> read(String role) throws IOException;

    void write(String role, byte[] document) throws IOException;

    /** Nothing happens where there is none. */
    void remove(String role) throws IOException;

    /** The root that this machine was given by hand, as it was when the trusted root was begun with it. */
    Optional<byte[]> installedRoot() throws IOException;

    void writeInstalledRoot(byte[] document) throws IOException;

    /** A store that begins with what {@code base} has and writes to memory alone: to find out without changing anything. */
    static MetadataStore inMemoryOver(MetadataStore base) {
        return new InMemory(Optional.of(base));
    }

    static MetadataStore inMemory() {
        return new InMemory(Optional.empty());
    }

    /** Changes over what a base has. */
    final class InMemory implements MetadataStore {
        private static final String INSTALLED = "/installed";

        private final Optional<MetadataStore> base;
        private final Map<String, Optional<byte[]>> changes = new HashMap<>();

        private InMemory(Optional<MetadataStore> base) {
            this.base = base;
        }

        @Override
        public Optional<byte[]> read(String role) throws IOException {
            Optional<byte[]> changed = changes.get(role);
            if (changed != null) {
                return changed;
            }
            return base.isPresent() ? base.get().read(role) : Optional.empty();
        }

        @Override
        public void write(String role, byte[] document) {
            changes.put(role, Optional.of(document.clone()));
        }

        @Override
        public void remove(String role) {
            changes.put(role, Optional.empty());
        }

        @Override
        public Optional<byte[]> installedRoot() throws IOException {
            Optional<byte[]> changed = changes.get(INSTALLED);
            if (changed != null) {
                return changed;
            }
            return base.isPresent() ? base.get().installedRoot() : Optional.empty();
        }

        @Override
        public void writeInstalledRoot(byte[] document) {
            changes.put(INSTALLED, Optional.of(document.clone()));
        }
    }
}
