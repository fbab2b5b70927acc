package dev.flotilla.mirror.store;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The file system of a folder. Which one that is gets found out once, since the system's list of all mounts is read for it,
 * for longer than all else that the begin of a download takes; how much is free is asked for each time, by the folder's path.
 */
final class FolderDisk implements DiskHealth.Disk {
    private final Path folder;
    private volatile @Nullable FileStore found;

    FolderDisk(Path folder) {
        this.folder = folder;
    }

    @Override
    public long usable() throws IOException {
        FileStore store = found;
        if (store == null) {
            store = Files.getFileStore(folder);
            found = store;
        }
        return store.getUsableSpace();
    }
}
