package dev.flotilla.agent.state;

import dev.flotilla.agent.disk.Disk;
import dev.flotilla.agent.trust.MetadataFile;
import dev.flotilla.agent.trust.MetadataStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Trusted metadata in a folder: {@code ‹role›.json} each, as they came, and {@code installed-root}, the root that trust
 * began with. For one writer.
 */
public final class MetadataFolder implements MetadataStore {
    /** Not the name of any role: those end in {@code .json}. */
    private static final String INSTALLED = "installed-root";

    private final Path folder;

    public MetadataFolder(Path folder) {
        this.folder = folder;
    }

    @Override
    public Optional<byte[]> read(String role) throws IOException {
        return content(file(role));
    }

    @Override
    public void write(String role, byte[] document) throws IOException {
        Disk.replace(file(role), document);
    }

    @Override
    public void remove(String role) throws IOException {
        if (Files.deleteIfExists(file(role))) {
            Disk.sync(folder);
        }
    }

    @Override
    public Optional<byte[]> installedRoot() throws IOException {
        return content(folder.resolve(INSTALLED));
    }

    @Override
    public void writeInstalledRoot(byte[] document) throws IOException {
        Disk.replace(folder.resolve(INSTALLED), document);
    }

    private Path file(String role) {
        return folder.resolve(MetadataFile.encoded(role) + ".json");
    }

    private static Optional<byte[]> content(Path file) throws IOException {
        try {
            return Optional.of(Files.readAllBytes(file));
        } catch (NoSuchFileException none) {
            return Optional.empty();
        }
    }
}
