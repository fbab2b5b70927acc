package dev.flotilla.controller.publish;

import dev.flotilla.agent.trust.TargetFile;
import dev.flotilla.agent.trust.TargetPath;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/** The files of a release: every node's {@code mirror.conf} and the programs that all run. */
final class ReleaseFiles {
    private final SortedMap<TargetPath, Source> sources;

    private ReleaseFiles(SortedMap<TargetPath, Source> sources) {
        this.sources = Collections.unmodifiableSortedMap(sources);
    }

    /** Where a file's content comes from. */
    sealed interface Source {
        TargetFile file();

        /** Made from the configuration. */
        record Text(String text, TargetFile file) implements Source {
            byte[] content() {
                return text.getBytes(StandardCharsets.UTF_8);
            }
        }

        /** Lies on disk. */
        record OnDisk(Path path, TargetFile file) implements Source {}
    }

    /** Renders the configurations and reads each program once for its digest. */
    static ReleaseFiles of(FleetConfiguration fleet, Programs programs) throws IOException {
        SortedMap<TargetPath, Source> sources = new TreeMap<>();
        for (Node node : fleet.nodes()) {
            String text = node.mirrorConfiguration();
            sources.put(
                    TargetPath.mirrorConfiguration(node.id().region(), node.id().node()),
                    new Source.Text(text, TargetFile.of(text.getBytes(StandardCharsets.UTF_8))));
        }
        sources.put(TargetPath.mirrorProgram(), new Source.OnDisk(programs.mirror(), digest(programs.mirror())));
        if (programs.agent().isPresent()) {
            Path agent = programs.agent().get();
            sources.put(TargetPath.agentProgram(), new Source.OnDisk(agent, digest(agent)));
        }
        return new ReleaseFiles(sources);
    }

    SortedMap<TargetPath, Source> sources() {
        return sources;
    }

    SortedMap<String, TargetFile> targets() {
        SortedMap<String, TargetFile> targets = new TreeMap<>();
        sources.forEach((path, source) -> targets.put(path.value(), source.file()));
        return targets;
    }

    private static TargetFile digest(Path file) throws IOException {
        try (InputStream content = Files.newInputStream(file)) {
            return new TargetFile(new ByteSize(Files.size(file)), Sha256.of(content));
        }
    }
}
