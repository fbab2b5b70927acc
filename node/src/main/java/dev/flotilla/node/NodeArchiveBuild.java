package dev.flotilla.node;

import dev.flotilla.vocabulary.Sha256;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipParameters;

/**
 * Packs {@code flotilla-node.tar.gz}: a Java of its own, the agent, the mirror's archive, and what installs them. In
 * {@code SHA256SUMS} stands every file, so that a damaged one is found before it is installed and after. The same sources and
 * the same JDK give the same bytes.
 */
public final class NodeArchiveBuild {
    private static final String TOP = "flotilla-node";
    private static final String SUMS = "SHA256SUMS";

    /** The time of all entries, in seconds since the epoch: that of the other archives (project.build.outputTimestamp). */
    private static final long TIME = 1_767_225_600L;

    private static final int EXECUTABLE = 0755;
    private static final int READABLE = 0644;

    private NodeArchiveBuild() {}

    /** {@code NodeArchiveBuild SCRIPTS AGENT MIRROR VERSION TARGET}: what the build runs. */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 5) {
            System.err.println("usage: NodeArchiveBuild SCRIPTS AGENT MIRROR VERSION TARGET");
            System.exit(2);
        }
        build(Path.of(arguments[0]), Path.of(arguments[1]), Path.of(arguments[2]), arguments[3], Path.of(arguments[4]));
    }

    /**
     * Makes the folder {@code flotilla-node} and the archive in {@code target}, of which nothing earlier stays.
     *
     * @param scripts the folder with {@code install.sh} and what it needs
     * @param agent the agent's program, unpacked
     * @param mirror the mirror's program, packed
     */
    static void build(Path scripts, Path agent, Path mirror, String version, Path target) throws IOException {
        Path tree = target.resolve(TOP);
        deleteTree(tree);
        Files.createDirectories(tree.resolve("programs"));
        RuntimeImage.link(tree.resolve("java"));
        copy(agent, tree.resolve("agent"));
        copy(scripts, tree);
        Files.copy(mirror, tree.resolve("programs").resolve("flotilla-mirror.tar.gz"));
        Files.writeString(tree.resolve("VERSION"), version + "\n");
        Files.writeString(tree.resolve("MACHINE"), machine(System.getProperty("os.arch")) + "\n");
        Files.writeString(tree.resolve(SUMS), sums(tree));
        Path archive = target.resolve(TOP + ".tar.gz");
        Path partial = target.resolve("." + TOP + ".tar.gz");
        pack(tree, partial);
        Files.move(partial, archive, StandardCopyOption.REPLACE_EXISTING);
    }

    /** The machine's kind as {@code uname -m} tells it. */
    private static String machine(String architecture) {
        return architecture.equals("amd64") ? "x86_64" : architecture;
    }

    /** A line for each file, as {@code sha256sum -c} reads them. */
    private static String sums(Path tree) throws IOException {
        var lines = new StringBuilder();
        for (Path file : entries(tree)) {
            if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                lines.append(Sha256.of(Files.readAllBytes(file)).hex())
                        .append("  ")
                        .append(tree.relativize(file))
                        .append('\n');
            }
        }
        return lines.toString();
    }

    private static void pack(Path tree, Path archive) throws IOException {
        var parameters = new GzipParameters();
        // Most of it is compressed already.
        parameters.setCompressionLevel(6);
        try (OutputStream file = new BufferedOutputStream(Files.newOutputStream(archive));
                var gzip = new GzipCompressorOutputStream(file, parameters);
                var tar = new TarArchiveOutputStream(gzip, StandardCharsets.UTF_8.name())) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            // What says which files there are comes first: whoever only wants to know which archive it is needs no
            // more.
            pack(tree, tree.resolve(SUMS), tar);
            for (Path entry : entries(tree)) {
                if (!entry.equals(tree.resolve(SUMS))) {
                    pack(tree, entry, tar);
                }
            }
        }
    }

    private static void pack(Path tree, Path entry, TarArchiveOutputStream tar) throws IOException {
        boolean link = Files.isSymbolicLink(entry);
        boolean folder = Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS);
        String name = TOP + "/" + tree.relativize(entry) + (folder ? "/" : "");
        var packed = link ? new TarArchiveEntry(name, TarConstants.LF_SYMLINK) : new TarArchiveEntry(name);
        packed.setModTime(TIME * 1000);
        packed.setIds(0, 0);
        packed.setNames("root", "root");
        packed.setMode(folder || Files.isExecutable(entry) ? EXECUTABLE : READABLE);
        if (link) {
            packed.setLinkName(Files.readSymbolicLink(entry).toString());
        } else if (!folder) {
            packed.setSize(Files.size(entry));
        }
        tar.putArchiveEntry(packed);
        if (!link && !folder) {
            Files.copy(entry, tar);
        }
        tar.closeArchiveEntry();
    }

    /** Everything below the folder, folders before what is in them. */
    private static List<Path> entries(Path tree) throws IOException {
        try (Stream<Path> entries = Files.walk(tree)) {
            return entries.filter(entry -> !entry.equals(tree)).sorted().toList();
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        for (Path entry : entries(from)) {
            Path copied = to.resolve(from.relativize(entry).toString());
            if (Files.isDirectory(entry)) {
                Files.createDirectories(copied);
            } else {
                Files.copy(entry, copied, StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    private static void deleteTree(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> entries = Files.walk(folder)) {
                for (Path entry : entries.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(entry);
                }
            }
        }
    }
}
