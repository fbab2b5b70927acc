package dev.flotilla.controller.wheels.publish;

import dev.flotilla.controller.wheels.FailedBuild;
import dev.flotilla.controller.wheels.PlatformIndex;
import dev.flotilla.controller.wheels.PublishedWheel;
import dev.flotilla.controller.wheels.RetiredWheel;
import dev.flotilla.controller.wheels.Sdist;
import dev.flotilla.controller.wheels.WantedWheel;
import dev.flotilla.controller.wheels.publish.UpstreamFiles.UpstreamFile;
import dev.flotilla.vocabulary.Interpreter;
import dev.flotilla.vocabulary.ProjectName;
import dev.flotilla.vocabulary.Sha256;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** How the index of a platform comes of the one before. Pure, for one index; what it says for people it collects. */
final class Merging {
    private final PlatformIndex before;
    private final Instant now;
    private final SortedMap<String, PublishedWheel> wheels;
    private final Map<Source, FailedBuild> failed = new LinkedHashMap<>();
    private final List<RetiredWheel> retired;
    private final List<String> lines = new ArrayList<>();

    /** What a build is an attempt of. */
    private record Source(Sha256 sdist, Interpreter interpreter) {
        static Source of(FailedBuild build) {
            return new Source(build.wanted().sdist().digest(), build.wanted().interpreter());
        }

        static Source of(PublishedWheel wheel) {
            return new Source(
                    wheel.provenance().sdist().digest(), wheel.provenance().interpreter());
        }
    }

    Merging(PlatformIndex before, Instant now) {
        this.before = before;
        this.now = now;
        this.wheels = new TreeMap<>(before.wheels());
        before.failed().forEach(build -> failed.put(Source.of(build), build));
        this.retired = new ArrayList<>(before.retired());
    }

    /** A name that was given once keeps its bytes: that the source could be built again is all that is taken of others. */
    void add(PublishedWheel wheel) {
        PublishedWheel there = wheels.get(wheel.filename());
        if (there == null) {
            wheels.put(wheel.filename(), wheel);
            retired.removeIf(one -> one.is(wheel));
            say("+ " + wheel.filename());
        } else {
            wheels.put(wheel.filename(), new Rebuilt(there, wheel).merged());
            if (!there.digest().equals(wheel.digest())) {
                say("= " + wheel.filename() + " is published with other bytes, and stays as it is");
            }
        }
        FailedBuild failure = failed.get(Source.of(wheel));
        if (failure != null && !failure.ended().isAfter(wheel.lastBuilt())) {
            failed.remove(Source.of(wheel));
        }
    }

    /** A wheel that is there, and the one that came of the same name. */
    private record Rebuilt(PublishedWheel there, PublishedWheel again) {
        PublishedWheel merged() {
            return there.provenance()
                            .sdist()
                            .digest()
                            .equals(again.provenance().sdist().digest())
                    ? there.rebuilt(again.built())
                    : there;
        }
    }

    /** The last attempt counts. A wheel that is there stays, but no longer hides that nobody can build it today. */
    void add(FailedBuild build) {
        boolean builtSince = wheels.values().stream()
                .anyMatch(wheel -> Source.of(wheel).equals(Source.of(build))
                        && wheel.lastBuilt().isAfter(build.ended()));
        FailedBuild there = failed.get(Source.of(build));
        if (!builtSince && (there == null || there.ended().isBefore(build.ended()))) {
            failed.put(Source.of(build), build);
            Sdist sdist = build.wanted().sdist();
            say("! " + sdist.filename() + " for " + build.wanted().interpreter() + ": " + build.reason());
        }
    }

    /**
     * Lets go what nobody has needed for so long, and forgets failures that nobody waits for. What only mirrors have asked for is needed for as long
     * after they did last: a plan may be made without asking them, and a mirror that began anew has seen nothing yet.
     *
     * @param planned when it was found out what is wanted
     */
    void retire(List<WantedWheel> wanted, Instant planned, Duration after) {
        for (PublishedWheel there : List.copyOf(wheels.values())) {
            List<WantedWheel> wanting = wanted.stream().filter(there::meets).toList();
            boolean seen = !wanting.isEmpty()
                    && wanting.stream().allMatch(one -> one.branches().isEmpty());
            PublishedWheel wheel = seen ? there.seen(planned) : there;
            boolean recent = wheel.lastSeen()
                    .filter(time -> now.isBefore(time.plus(after)))
                    .isPresent();
            if (!wanting.isEmpty() || recent) {
                wheels.put(wheel.filename(), wheel.unused(Optional.empty()));
                continue;
            }
            // One that comes again from a folder of builds has no more time than it had.
            Instant since = wheel.unusedSince()
                    .orElseGet(() -> before.wheels().containsKey(wheel.filename()) ? now : wheel.built());
            if (!now.isBefore(since.plus(after))) {
                remove(wheel, "nobody has needed it since " + since);
            } else {
                wheels.put(wheel.filename(), wheel.unused(Optional.of(since)));
            }
        }
        failed.keySet()
                .removeIf(source -> wanted.stream()
                        .noneMatch(one -> new Source(one.sdist().digest(), one.interpreter()).equals(source)));
    }

    /** Lets go what upstream has taken back, or has given the name of. What can't be found out stays. */
    void compare(UpstreamFiles upstream) {
        Map<ProjectName, UpstreamFiles.Answer> answers = new LinkedHashMap<>();
        wheels.values().forEach(wheel -> answers.computeIfAbsent(wheel.project(), upstream::of));
        long missing = answers.values().stream()
                .filter(UpstreamFiles.Answer.Absent.class::isInstance)
                .count();
        if (missing > 1 && answers.values().stream().noneMatch(UpstreamFiles.Answer.Known.class::isInstance)) {
            say("! the index that was asked has none of the projects: nothing is let go; is --index right?");
            return;
        }
        for (PublishedWheel wheel : List.copyOf(wheels.values())) {
            Optional<String> gone = switch (answers.computeIfAbsent(wheel.project(), upstream::of)) {
                case UpstreamFiles.Answer.Known known -> objection(wheel, known.files());
                case UpstreamFiles.Answer.Absent absent -> Optional.of(absent.reason());
                case UpstreamFiles.Answer.Unavailable ignored -> Optional.empty();
            };
            gone.ifPresent(why -> remove(wheel, why));
        }
    }

    /** Why upstream's files forbid a wheel, where they do. */
    static Optional<String> objection(PublishedWheel wheel, Map<String, UpstreamFile> files) {
        Sdist sdist = wheel.provenance().sdist();
        UpstreamFile source = files.get(sdist.filename());
        UpstreamFile namesake = files.get(wheel.filename());
        if (namesake != null) {
            return Optional.of(
                    namesake.digest().equals(Optional.of(wheel.digest()))
                            ? "upstream has that very file"
                            : "upstream has given that name to other bytes");
        }
        if (source == null) {
            return Optional.of("upstream has no " + sdist.filename());
        }
        if (source.yanked()) {
            return Optional.of("upstream has yanked " + sdist.filename());
        }
        return source.digest().equals(Optional.of(sdist.digest()))
                ? Optional.empty()
                : Optional.of("upstream's " + sdist.filename() + " isn't what it was built of");
    }

    private void remove(PublishedWheel wheel, String why) {
        wheels.remove(wheel.filename());
        if (before.wheels().containsKey(wheel.filename())) {
            retired.add(RetiredWheel.of(wheel, now));
        } else {
            // It was just to come back.
            before.retired().stream().filter(one -> one.is(wheel)).forEach(retired::add);
        }
        say("- " + wheel.filename() + ": " + why);
    }

    private void say(String line) {
        lines.add(before.platform() + " " + line);
    }

    /** What is different, for people. */
    List<String> lines() {
        return List.copyOf(lines);
    }

    /** The index; the one before where it would say the same. */
    PlatformIndex merged() {
        retired.sort(Comparator.comparing(RetiredWheel::since).thenComparing(RetiredWheel::filename));
        var after = new PlatformIndex(
                before.platform(), before.machine(), now, wheels, List.copyOf(failed.values()), retired);
        return after.saysTheSame(before) ? before : after;
    }
}
