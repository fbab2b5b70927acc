package dev.flotilla.controller.fabric;

import dev.flotilla.agent.disk.Disk;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.vocabulary.FleetName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Machines that are folders of this computer, and whose processes are this computer's. A file in the folder says which fleet's and node's it
 * is; a folder without it is left alone. Nothing starts the processes after a start of this computer: apply sees that they don't run.
 */
final class LocalFabric implements Fabric {
    /** Says whose machine the folder is. */
    private static final String MARKER = "flotilla-machine";

    private static final Path STORE = Path.of("var/lib/flotilla/mirror");

    private final FleetName fleet;
    private final String user;
    private final String path;

    /**
     * @param user as whom everything runs: whoever runs this
     * @param path where programs are looked for, as PATH has it
     */
    LocalFabric(FleetName fleet, String user, String path) {
        this.fleet = fleet;
        this.user = user;
        this.path = path;
    }

    @Override
    public Presence presence(Node node) throws IOException {
        Path folder = folder(node);
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            return new Presence.Missing("make the machine " + folder);
        }
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return new Presence.Unusable(folder + " is no folder: remove it, or name another with local.folder");
        }
        try {
            String said = Files.readString(folder.resolve(MARKER));
            return said.equals(marker(node))
                    ? new Presence.Running()
                    : new Presence.Unusable(folder + " is the machine of another: " + said.strip()
                            + ". Name another folder with local.folder");
        } catch (NoSuchFileException unmarked) {
            return isEmpty(folder)
                    ? new Presence.Missing("make the machine " + folder)
                    : new Presence.Unusable(
                            folder + " is full of other things: empty it, or name another with local.folder");
        }
    }

    private String marker(Node node) {
        return "fleet " + fleet + ", node " + node.id() + "\n";
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (Stream<Path> inside = Files.list(folder)) {
            // A file that a killed run has begun with.
            return inside.allMatch(file -> file.getFileName().toString().startsWith(Disk.PARTIAL));
        }
    }

    @Override
    public void provide(Node node) throws IOException {
        switch (presence(node)) {
            case Presence.Missing ignored -> {
                Path folder = folder(node);
                Files.createDirectories(folder);
                Disk.replace(folder.resolve(MARKER), marker(node).getBytes(StandardCharsets.UTF_8));
            }
            case Presence.Running ignored -> {}
            case Presence.Starting ignored -> {}
            case Presence.Unusable unusable -> throw new IOException(unusable.reason());
        }
    }

    @Override
    public List<String> releasable(Node node, boolean withStore) throws IOException {
        if (!(presence(node) instanceof Presence.Running)) {
            return List.of();
        }
        Path folder = folder(node);
        boolean kept = !withStore && Files.isDirectory(folder.resolve(STORE));
        if (!kept) {
            return List.of(folder.toString());
        }
        return holdsMore(folder, folder.resolve(STORE), folder.resolve(MARKER))
                ? List.of(folder + " but for " + STORE)
                : List.of();
    }

    /** Whether there are files in a folder beside these two; what is in the first, which may be millions, isn't looked at. */
    private static boolean holdsMore(Path folder, Path kept, Path marker) throws IOException {
        List<Path> inside;
        try (Stream<Path> listed = Files.list(folder)) {
            inside = listed.toList();
        }
        for (Path file : inside) {
            boolean more = Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)
                    ? !file.equals(kept) && holdsMore(file, kept, marker)
                    : !file.equals(marker);
            if (more) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void release(Node node, boolean withStore) throws IOException {
        if (!(presence(node) instanceof Presence.Running)) {
            return;
        }
        Path folder = folder(node);
        boolean kept = !withStore && Files.isDirectory(folder.resolve(STORE));
        // Whose it is goes last: a killed run is finished by the next.
        removeBut(folder, kept ? folder.resolve(STORE) : folder.resolve(MARKER), folder.resolve(MARKER));
        if (!kept) {
            Disk.remove(folder);
            removeIfEmpty(folder.getParent());
        }
    }

    /** The folder of all machines, once the last of them is gone. */
    private static void removeIfEmpty(@Nullable Path machines) throws IOException {
        try {
            if (machines != null) {
                Files.deleteIfExists(machines);
            }
        } catch (DirectoryNotEmptyException others) {
            // They are still there.
        }
    }

    /** Removes what is in a folder, but for these two and what leads there. */
    private static void removeBut(Path folder, Path kept, Path marker) throws IOException {
        List<Path> inside;
        try (Stream<Path> listed = Files.list(folder)) {
            inside = listed.toList();
        }
        for (Path file : inside) {
            if (file.equals(kept) || file.equals(marker)) {
                continue;
            }
            if (kept.startsWith(file)) {
                removeBut(file, kept, marker);
            } else {
                Disk.remove(file);
            }
        }
    }

    @Override
    public Site site(Node node) {
        var machine = new LocalMachine(node.id().toString(), folder(node), path);
        return new Site(machine, machine, node.root(), user);
    }

    private static Path folder(Node node) {
        return Path.of(node.root());
    }

    @Override
    public void close() {
        // There is nothing in between.
    }
}
