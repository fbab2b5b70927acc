package dev.flotilla.mirror.wheels;

import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.mirror.simple.ProjectFile;
import dev.flotilla.vocabulary.Sha256;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The wheels that are to be here before anybody asks: those that some branch pins or clients want, of the projects and platforms that the
 * settings name. Pure.
 */
final class Pinned {
    private Pinned() {}

    /** Their paths, the newest first, once each, as many as have room in the settings' budget. */
    static List<FilePath> of(Collection<WheelIndex> indexes, PrefetchSettings settings) {
        List<ProjectFile> wheels = new ArrayList<>();
        for (WheelIndex index : indexes) {
            if (settings.platforms().isEmpty() || settings.platforms().contains(index.platform())) {
                index.projects().forEach((project, entry) -> {
                    if (settings.projects().match(project).isPresent()) {
                        wheels.addAll(entry.page().files());
                    }
                });
            }
        }
        wheels.sort(Comparator.comparing(Pinned::uploaded).reversed().thenComparing(ProjectFile::filename));
        List<FilePath> pinned = new ArrayList<>();
        Set<Sha256> seen = new HashSet<>();
        long left = settings.budget().bytes();
        for (ProjectFile wheel : wheels) {
            long size = wheel.size().orElseThrow();
            if (size <= left
                    && !WheelOrigin.of(wheel).unused()
                    && seen.add(wheel.sha256().orElseThrow())) {
                left -= size;
                FilePath.of(wheel).ifPresent(pinned::add);
            }
        }
        return pinned;
    }

    private static Instant uploaded(ProjectFile wheel) {
        return wheel.uploaded().orElseThrow();
    }
}
