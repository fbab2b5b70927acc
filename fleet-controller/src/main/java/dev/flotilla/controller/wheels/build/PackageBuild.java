package dev.flotilla.controller.wheels.build;

import dev.flotilla.controller.fleet.BuildLimits;
import dev.flotilla.controller.fleet.WheelPlatform;
import dev.flotilla.controller.wheels.Sdist;
import dev.flotilla.controller.wheels.index.IndexFile;
import dev.flotilla.controller.wheels.index.SimpleIndex;
import dev.flotilla.controller.wheels.requirement.Version;
import dev.flotilla.vocabulary.Interpreter;
import dev.flotilla.vocabulary.Machine;
import dev.flotilla.vocabulary.ProjectName;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * One build of one sdist, and of those sdists that it needs first and that nobody has built: in a sandbox, again and again until it has what it
 * needs. For one thread.
 */
final class PackageBuild {
    /** How often it may find out that it needs more: once by pyproject.toml, once by its back end. */
    private static final int MOST_ROUNDS = 4;

    /** How many sdists may have to be built for each other. */
    private static final int DEEPEST = 3;

    private static final int MOST_NAMED = 10;

    /** 1980, where the time of ZIP archives begins. */
    private static final Instant EARLIEST = Instant.parse("1980-01-02T00:00:00Z");

    private final Builder builder;
    private final WheelPlatform platform;
    private final Interpreter interpreter;
    private final BuildLimits limits;
    private final SimpleIndex index;
    private final Sources sources;
    private final Path work;
    private final BuildLog log;
    private final Map<Sha256, Done> dependencies = new HashMap<>();
    private final BuildNeeds needs;

    /** @param work an empty folder for what comes about */
    PackageBuild(
            Builder builder,
            WheelPlatform platform,
            Interpreter interpreter,
            BuildLimits limits,
            SimpleIndex index,
            Sources sources,
            Path work,
            BuildLog log) {
        this.builder = builder;
        this.platform = platform;
        this.interpreter = interpreter;
        this.limits = limits;
        this.index = index;
        this.sources = sources;
        this.work = work;
        this.log = log;
        this.needs = new BuildNeeds(index, interpreter, platform.machine());
    }

    /**
     * A wheel that counts.
     *
     * @param tools by name and version what took part
     * @param kit what it was built with, to build it again
     */
    record Done(
            WheelCheck.Sound sound,
            String filename,
            Path file,
            Sha256 digest,
            long size,
            Map<String, String> tools,
            Ready kit) {}

    /** All that a build had when it made its wheel. */
    record Ready(BuildFile sdist, long epoch, List<BuildFile> wheels, SequencedSet<String> satisfied) {}

    /** There is no wheel; the message says why, in a line. */
    static final class FailedException extends Exception {
        private static final long serialVersionUID = 1;

        FailedException(String message) {
            super(message);
        }
    }

    Done build(Sdist sdist) throws FailedException, IOException, InterruptedException {
        return build(sdist, Set.of());
    }

    private Done build(Sdist sdist, Set<ProjectName> above) throws FailedException, IOException, InterruptedException {
        BuildFile file = brought(sdist.url(), sdist.digest(), sdist.filename());
        long epoch =
                sdist.uploaded().filter(EARLIEST::isBefore).orElse(EARLIEST).getEpochSecond();
        SequencedSet<String> satisfied = new LinkedHashSet<>();
        SequencedMap<ProjectName, IndexFile> chosen = new LinkedHashMap<>();
        List<BuildFile> wheels = List.of();
        Duration left = limits.time();
        for (int i = 0; i < MOST_ROUNDS; i++) {
            Path made = Files.createTempFile(work, "made", "");
            long begin = System.nanoTime();
            var kit = new Ready(file, epoch, wheels, new LinkedHashSet<>(satisfied));
            Sandbox.Ran ran = run(kit, "build", left, made);
            left = left.minusNanos(System.nanoTime() - begin);
            switch (ran) {
                case Sandbox.Ran.Failed(String reason) -> throw new FailedException(reason);
                case Sandbox.Ran.Looked ignored ->
                    throw new FailedException("what came out of the sandbox can't be read");
                case Sandbox.Ran.Made wheel -> {
                    return checked(sdist, wheel, made, chosen, kit);
                }
                case Sandbox.Ran.Needs(List<String> requirements) -> {
                    satisfied.addAll(requirements);
                    log.say("it needs " + String.join(", ", requirements));
                    Set<ProjectName> now = new TreeSet<>(above);
                    now.add(sdist.project());
                    chosen = satisfied(satisfied, now);
                    wheels = wheels(chosen);
                    for (Map.Entry<ProjectName, IndexFile> one : chosen.entrySet()) {
                        log.say("it gets " + one.getKey() + " " + one.getValue().version());
                    }
                }
            }
        }
        throw new FailedException("it needs more each time it gets what it needs");
    }

    private Sandbox.Ran run(Ready kit, String hostname, Duration time, Path made)
            throws IOException, InterruptedException {
        Builder.Kit tools = builder.kit(interpreter);
        return builder.sandbox()
                .run(
                        new SandboxJob(
                                tools.python().program(),
                                tools.python().root(),
                                hostname,
                                kit.epoch(),
                                Optional.of(kit.sdist()),
                                kit.wheels(),
                                kit.satisfied(),
                                platform.machine().library() == Machine.Library.GLIBC
                                        ? tools.auditwheel()
                                        : Optional.empty(),
                                limits,
                                time),
                        log,
                        made);
    }

    private SequencedMap<ProjectName, IndexFile> satisfied(Set<String> requirements, Set<ProjectName> above)
            throws FailedException, IOException, InterruptedException {
        try {
            return needs.satisfy(requirements, (project, file) -> requires(project, file, above));
        } catch (BuildNeeds.ImpossibleException impossible) {
            throw new FailedException(String.valueOf(impossible.getMessage()));
        }
    }

    /** What a file that a build gets needs itself: of an sdist that is known once it is built. */
    private List<String> requires(ProjectName project, IndexFile file, Set<ProjectName> above)
            throws BuildNeeds.ImpossibleException, IOException, InterruptedException {
        try {
            if (file.isSdist()) {
                return dependency(project, file, above).sound().requires();
            }
            if (file.metadata() && index.metadata(file) instanceof SimpleIndex.Metadata.Found(String fields)) {
                return HeaderFile.read("METADATA", fields).all("Requires-Dist");
            }
            return WheelCheck.requires(brought(file), limits.disk());
        } catch (UnsoundWheelException unsound) {
            throw new BuildNeeds.ImpossibleException(file.filename() + ", which it needs: " + unsound.getMessage());
        } catch (FailedException failed) {
            throw new BuildNeeds.ImpossibleException(
                    project + " " + file.version() + ", which it needs, can't be built: " + failed.getMessage());
        }
    }

    /** What can't be had fails this build, and no other. */
    private Path brought(IndexFile file) throws BuildNeeds.ImpossibleException, InterruptedException {
        try {
            return sources.get(file.url(), file.sha256().orElseThrow());
        } catch (IOException away) {
            throw new BuildNeeds.ImpossibleException(file.filename() + ", which it needs: " + away.getMessage());
        }
    }

    private Done dependency(ProjectName project, IndexFile file, Set<ProjectName> above)
            throws FailedException, IOException, InterruptedException {
        Sdist sdist = file.sdist(project).orElseThrow();
        Done done = dependencies.get(sdist.digest());
        if (done == null) {
            if (above.contains(project)) {
                throw new FailedException("it needs itself, by way of " + above);
            }
            if (above.size() > DEEPEST) {
                throw new FailedException("more than " + DEEPEST + " sdists would have to be built for each other");
            }
            log.say("first " + project + " " + file.version() + " is built, which it needs");
            done = build(sdist, above);
            dependencies.put(sdist.digest(), done);
        }
        return done;
    }

    private List<BuildFile> wheels(Map<ProjectName, IndexFile> chosen)
            throws FailedException, IOException, InterruptedException {
        List<BuildFile> wheels = new ArrayList<>();
        for (IndexFile file : chosen.values()) {
            Sha256 digest = file.sha256().orElseThrow();
            Done built = dependencies.get(digest);
            if (file.isSdist() && built != null) {
                bring(built.file(), built.digest());
                wheels.add(new BuildFile(built.filename(), built.digest()));
            } else {
                wheels.add(brought(file.url(), digest, file.filename()));
            }
        }
        return wheels;
    }

    private BuildFile brought(URI address, Sha256 digest, String filename)
            throws FailedException, IOException, InterruptedException {
        Path here;
        try {
            here = sources.get(address, digest);
        } catch (IOException unavailable) {
            throw new FailedException(String.valueOf(unavailable.getMessage()));
        }
        bring(here, digest);
        return new BuildFile(filename, digest);
    }

    private void bring(Path file, Sha256 digest) throws FailedException, IOException, InterruptedException {
        Optional<String> problem = builder.files().bring(file, digest);
        if (problem.isPresent()) {
            throw new FailedException(problem.get());
        }
    }

    private Done checked(Sdist sdist, Sandbox.Ran.Made made, Path file, Map<ProjectName, IndexFile> chosen, Ready kit)
            throws FailedException, IOException {
        Version wanted = Version.parse(sdist.version())
                .orElseThrow(() -> new FailedException("'" + sdist.version() + "' is no version"));
        Predicate<String> isWanted = text -> Version.parse(text.replaceFirst("_", "+"))
                .filter(wanted::equals)
                .isPresent();
        try {
            WheelCheck.Sound sound = new WheelCheck(platform.machine(), interpreter, limits.disk())
                    .judge(file, made.filename(), sdist.project(), isWanted);
            Map<String, String> tools = new TreeMap<>(builder.kit(interpreter).tools());
            if (!sound.isNative()) {
                tools.remove("compiler");
            }
            chosen.forEach((project, tool) ->
                    tools.put(project.normal(), tool.version().toString()));
            log.say("it made " + made.filename() + ", " + made.size() + " bytes, sha256 " + made.digest());
            if (sound.isNative()) {
                log.say("its native code is linked to "
                        + (sound.libraries().isEmpty() ? "nothing else" : String.join(", ", sound.libraries()))
                        + (made.repaired()
                                ? "; auditwheel took in what it may not count on"
                                : "; it is as it was built: nothing was taken in"));
            }
            return new Done(sound, made.filename(), file, made.digest(), made.size(), tools, kit);
        } catch (UnsoundWheelException unsound) {
            log.say("failed: the wheel doesn't count: " + unsound.getMessage());
            throw new FailedException("the wheel doesn't count: " + unsound.getMessage());
        }
    }

    /** Whether building it again gives the same bytes: in a new sandbox, at another time, under other names of user and machine. */
    boolean again(Sdist sdist, Done first) throws IOException, InterruptedException {
        Path made = Files.createTempFile(work, "again", "");
        log.say("it is built a second time, to compare");
        Sandbox.Ran ran = run(first.kit(), "again", limits.time(), made);
        if (!(ran instanceof Sandbox.Ran.Made second)) {
            log.say("the second build gave no wheel");
            return false;
        }
        if (second.digest().equals(first.digest()) && second.filename().equals(first.filename())) {
            log.say("the second build gave the same bytes");
            return true;
        }
        log.say("the second build gave other bytes: " + difference(sdist, first, second, made));
        return false;
    }

    private String difference(Sdist sdist, Done first, Sandbox.Ran.Made second, Path made) throws IOException {
        if (!second.filename().equals(first.filename())) {
            return "another name";
        }
        try {
            Map<String, Sha256> again = new WheelCheck(platform.machine(), interpreter, limits.disk())
                    .judge(made, second.filename(), sdist.project(), version -> true)
                    .files();
            Set<String> names = new TreeSet<>(again.keySet());
            names.addAll(first.sound().files().keySet());
            names.removeIf(name ->
                    Objects.equals(again.get(name), first.sound().files().get(name)));
            return names.isEmpty()
                    ? "the same files, packed otherwise"
                    : String.join(", ", names.stream().limit(MOST_NAMED).toList())
                            + (names.size() > MOST_NAMED ? " and " + (names.size() - MOST_NAMED) + " more" : "");
        } catch (UnsoundWheelException unsound) {
            return String.valueOf(unsound.getMessage());
        }
    }
}
