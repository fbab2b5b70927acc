package dev.flotilla.agent.state;

import dev.flotilla.agent.bucket.PartialFile;
import dev.flotilla.agent.disk.Disk;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Where everything lies in an agent's state folder. Nobody else builds a path in it.
 *
 * <pre>
 * agent.lock               held by the agent that works here; names its process
 * trust/‹role›.json        the metadata trusted last, as they came; trust/installed-root is what trust began with
 * artifacts/‹sha256›/      unpacked programs, by the digest of their archive
 * downloads/‹sha256›       the archive of a program that is on its way, and ‹sha256›.etag: the version of the object
 * releases/‹version›/      mirror.conf, mirror → ../../artifacts/‹sha256›, release.json
 * current → releases/‹version›
 * state.json               what the agent remembers
 * mirror.json              the mirror process that the agent started
 * leaving.json             mirrors that were replaced and still answer those who are connected to them
 * mirror.log, mirror.log.1 what the mirror prints
 * report.json              the last report
 * intents.json             what the fleet wants of its nodes, as far as this one knows
 * purges.json              which purges were carried out
 * absence.json             there while the node keeps away from clients by itself, and why
 * pause.json               there while somebody on this node wants no release to be taken up
 * keeper/                  what the mirror looks at: drained-by-node, drained-by-fleet, and the token by which it knows its agent
 * keeper/signer            the socket at which the agent signs the mirror's requests for wheels, while it runs
 * keeper/wheels/‹platform›/index.json  the wheels of a platform, as the role for wheels has signed it
 * </pre>
 */
public record StateFolder(Path path) {
    public StateFolder {
        path = path.toAbsolutePath().normalize();
    }

    /** Makes the folders that are missing. */
    public void create() throws IOException {
        for (Path folder : List.of(path, trust(), artifacts(), downloads(), releases(), keeper())) {
            Files.createDirectories(folder);
        }
    }

    public Path lock() {
        return path.resolve("agent.lock");
    }

    public Path state() {
        return path.resolve("state.json");
    }

    /** Where trusted metadata are kept. */
    public MetadataFolder metadata() {
        return new MetadataFolder(trust());
    }

    public Path mirror() {
        return path.resolve("mirror.json");
    }

    public Path leavingMirrors() {
        return path.resolve("leaving.json");
    }

    public Path mirrorLog() {
        return path.resolve("mirror.log");
    }

    public Path mirrorLogSetAside() {
        return path.resolve("mirror.log.1");
    }

    public Path report() {
        return path.resolve("report.json");
    }

    public Path intents() {
        return path.resolve("intents.json");
    }

    /** There while the node keeps away from clients, since its mirror ended by itself. */
    public Path absence() {
        return path.resolve("absence.json");
    }

    public Path purges() {
        return path.resolve("purges.json");
    }

    /** Holds releases back while it is there. */
    public WishFile pause() {
        return new WishFile(path.resolve("pause.json"));
    }

    /** The folder that the mirror looks at. */
    public Path keeper() {
        return path.resolve("keeper");
    }

    /** Where the mirror looks for indexes of wheels where it isn't told otherwise. */
    public Path wheels() {
        return keeper().resolve("wheels");
    }

    /** Where the mirror asks for signatures. */
    public Path signer() {
        return keeper().resolve("signer");
    }

    public Path keeperToken() {
        return keeper().resolve("token");
    }

    /** Drains the mirror while it is there, by the wish of somebody on this node. */
    public WishFile drain() {
        return new WishFile(keeper().resolve("drained-by-node"));
    }

    /** Drains the mirror while it is there, by the wish of the fleet. */
    public Path drainedByFleet() {
        return keeper().resolve("drained-by-fleet");
    }

    public Path current() {
        return path.resolve("current");
    }

    public Path release(long version) {
        return releases().resolve(Long.toString(version));
    }

    /** A fresh folder to build a release in, to be renamed to {@link #release}. */
    public Path newRelease() throws IOException {
        return Files.createTempDirectory(releases(), Disk.PARTIAL);
    }

    public Path artifact(Sha256 digest) {
        return artifacts().resolve(digest.hex());
    }

    /**
     * Where an archive is downloaded to before it is verified and unpacked. What is left of any other, which is no longer wanted, goes:
     * an agent fetches one after the other.
     */
    public PartialFile download(Sha256 digest) throws IOException {
        var file = new PartialFile(downloads().resolve(digest.hex()));
        removeOthers(downloads(), file.names());
        return file;
    }

    /** What {@code current} should hold for a release. */
    public Path linkTo(long version) {
        return path.relativize(release(version));
    }

    /** What a release's {@code mirror} should hold for a program. */
    public Path linkTo(Sha256 program) {
        return Path.of("..", "..").resolve(path.relativize(artifact(program)));
    }

    /** Removes all releases and programs but the given ones, unfinished ones too. */
    public void prune(Set<Long> versions, Set<Sha256> programs) throws IOException {
        removeOthers(releases(), versions.stream().map(String::valueOf).toList());
        removeOthers(artifacts(), programs.stream().map(Sha256::hex).toList());
    }

    /** Removes what writers left behind who were killed. Only while nobody writes. */
    public void removeUnfinished() throws IOException {
        for (Path folder : List.of(path, trust(), downloads(), keeper())) {
            try (Stream<Path> entries = Files.list(folder)) {
                for (Path entry : entries.toList()) {
                    if (name(entry).startsWith(Disk.PARTIAL)) {
                        Disk.remove(entry);
                    }
                }
            }
        }
    }

    private static void removeOthers(Path folder, List<String> kept) throws IOException {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path entry : entries.toList()) {
                if (!kept.contains(name(entry))) {
                    Disk.remove(entry);
                }
            }
        }
    }

    private static String name(Path entry) {
        return String.valueOf(entry.getFileName());
    }

    private Path trust() {
        return path.resolve("trust");
    }

    private Path artifacts() {
        return path.resolve("artifacts");
    }

    private Path downloads() {
        return path.resolve("downloads");
    }

    private Path releases() {
        return path.resolve("releases");
    }
}
