package dev.flotilla.controller.wheels.plan;

import dev.flotilla.controller.wheels.Sdist;
import dev.flotilla.controller.wheels.index.IndexFile;
import dev.flotilla.controller.wheels.index.IndexPage;
import dev.flotilla.controller.wheels.requirement.Version;
import dev.flotilla.vocabulary.Interpreter;
import dev.flotilla.vocabulary.Machine;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Decides from pages alone whether a wheel is to be built. Pure. */
record Deciding(Instant now, Duration rebuildAfter) {
    /**
     * What becomes of {@code version} of a project.
     *
     * @param upstream the project's page
     * @param ours what the fleet has built of it for that platform; absent where it has nothing
     */
    Decision decide(
            IndexPage upstream, Optional<IndexPage> ours, Version version, Interpreter interpreter, Machine machine) {
        if (upstream.quarantined()) {
            return new Decision.Impossible("upstream has it in quarantine");
        }
        List<IndexFile> files = upstream.of(version);
        if (files.isEmpty()) {
            return new Decision.Impossible("upstream has no version " + version);
        }
        Optional<IndexFile> wheel =
                files.stream().filter(file -> fits(file, interpreter, machine)).findFirst();
        if (wheel.isPresent()) {
            return new Decision.Upstream(wheel.get().filename());
        }
        List<IndexFile> meant =
                files.stream().filter(file -> file.isFor(interpreter.minor())).toList();
        if (meant.isEmpty()) {
            return new Decision.Impossible(
                    "it needs Python " + files.getFirst().requiresPython().orElse(""));
        }
        List<IndexFile> offered =
                meant.stream().filter(file -> file.yanked().isEmpty()).toList();
        if (offered.isEmpty()) {
            String reason = meant.getFirst().yanked().orElse("");
            return new Decision.Impossible("upstream has yanked it" + (reason.isEmpty() ? "" : ": " + reason));
        }
        List<IndexFile> sources = offered.stream().filter(IndexFile::isSdist).toList();
        if (sources.isEmpty()) {
            return new Decision.Impossible("no wheel of upstream's fits, and it has no sdist");
        }
        Optional<Sdist> sdist = sources.stream()
                .sorted(Comparator.comparing(file -> !file.filename().endsWith(".tar.gz")))
                .flatMap(file -> file.sdist(upstream.project()).stream())
                .findFirst();
        return sdist.map(source -> built(source, ours, version, interpreter, machine))
                .orElseGet(() -> new Decision.Impossible("nobody says which bytes of its sdist are right: no sha256"));
    }

    private Decision built(
            Sdist sdist, Optional<IndexPage> ours, Version version, Interpreter interpreter, Machine machine) {
        Optional<IndexFile> wheel = ours.stream()
                .flatMap(page -> page.of(version).stream())
                .filter(file -> fits(file, interpreter, machine))
                .findFirst();
        if (wheel.isEmpty()) {
            return new Decision.Build(sdist, "no wheel upstream");
        }
        Optional<Instant> when = wheel.get().lastBuilt().or(wheel.get()::uploaded);
        return when.filter(time -> time.plus(rebuildAfter).isBefore(now))
                .<Decision>map(time -> new Decision.Build(
                        sdist, "built " + Duration.between(time, now).toDays() + " days ago, is due again"))
                .orElseGet(() -> new Decision.Have(wheel.get().filename(), sdist, when));
    }

    static boolean fits(IndexFile file, Interpreter interpreter, Machine machine) {
        return file.isFor(interpreter.minor())
                && file.wheel().filter(name -> name.fits(interpreter, machine)).isPresent();
    }
}
