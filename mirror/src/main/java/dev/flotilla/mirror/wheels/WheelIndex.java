package dev.flotilla.mirror.wheels;

import dev.flotilla.mirror.simple.ProjectFile;
import dev.flotilla.mirror.simple.ProjectPage;
import dev.flotilla.mirror.simple.Yanked;
import dev.flotilla.vocabulary.Interpreter;
import dev.flotilla.vocabulary.Machine;
import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.ProjectName;
import dev.flotilla.vocabulary.Sha256;
import dev.flotilla.vocabulary.WheelName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The wheels of one platform, as its index has them. Immutable.
 *
 * @param machine what they were built on: decides which of upstream's wheels fit there
 * @param made when the index was made
 * @param digest of the whole index
 * @param projects all that have a wheel
 * @param failed the builds that gave none last
 */
public record WheelIndex(
        PlatformSlug platform,
        Machine machine,
        Instant made,
        Sha256 digest,
        SortedMap<ProjectName, Entry> projects,
        List<Failed> failed) {
    /**
     * A build that gave no wheel, as the index tells it: for people.
     *
     * @param sdist the name of its file
     * @param python for which it was to be
     * @param ended when, as it was written
     */
    public record Failed(ProjectName project, String sdist, String python, String reason, String ended) {}

    /**
     * One project.
     *
     * @param page its wheels, as a project's page
     * @param digest of what the index says of it: another one where anything of it is another
     */
    public record Entry(ProjectPage page, Sha256 digest) {}

    public WheelIndex {
        projects = Collections.unmodifiableSortedMap(new TreeMap<>(projects));
        failed = List.copyOf(failed);
    }

    /** What it has of a project. */
    public Optional<Entry> entry(ProjectName project) {
        return Optional.ofNullable(projects.get(project));
    }

    /**
     * The page of upstream with our wheels behind its own files, which stay as they are. A wheel joins only a version that upstream has and
     * hasn't yanked, only where some interpreter that takes it is left without a wheel of that version: so never beside one of upstream's with its name.
     */
    public ProjectPage joined(ProjectPage upstream) {
        Optional<Entry> entry = entry(upstream.name());
        if (entry.isEmpty()) {
            return upstream;
        }
        Map<String, List<Interpreter>> wanting = new TreeMap<>();
        List<ProjectFile> files = new ArrayList<>(upstream.files());
        for (ProjectFile ours : entry.get().page().files()) {
            WheelName wheel = WheelName.parse(ours.filename()).orElseThrow();
            List<Interpreter> without = wanting.computeIfAbsent(wheel.version(), version -> wanting(upstream, version));
            if (without.stream().anyMatch(interpreter -> wheel.fits(interpreter, machine))) {
                files.add(ours);
            }
        }
        return files.size() == upstream.files().size() ? upstream : upstream.withMore(files);
    }

    /** The interpreters that find no wheel of that version upstream; none where upstream doesn't have the version, or has yanked all of it. */
    private List<Interpreter> wanting(ProjectPage upstream, String version) {
        var ofVersion = upstream.filesOf(version.replaceFirst("_", "+"));
        List<ProjectFile> there = upstream.files().stream()
                .filter(file -> ofVersion.test(file.filename()))
                .toList();
        if (there.stream().allMatch(file -> file.yanked() instanceof Yanked.Yes)) {
            return List.of();
        }
        List<WheelName> wheels = there.stream()
                .flatMap(file -> WheelName.parse(file.filename()).stream())
                .toList();
        return Interpreter.all().stream()
                .filter(interpreter -> wheels.stream().noneMatch(wheel -> wheel.fits(interpreter, machine)))
                .toList();
    }
}
