package dev.flotilla.controller.wheels.build;

import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.controller.fleet.BuildLimits;
import dev.flotilla.controller.fleet.WheelBuilder;
import dev.flotilla.controller.fleet.WheelPlatform;
import dev.flotilla.controller.machine.Machine;
import dev.flotilla.controller.machine.MachineCommand;
import dev.flotilla.controller.machine.Outcome;
import dev.flotilla.vocabulary.Interpreter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A machine that has shown that it can build for a platform. Safe for many threads. */
final class Builder {
    private static final Duration LOOKING = Duration.ofMinutes(2);
    private static final Duration TRANSFER = Duration.ofMinutes(10);

    /** A sandbox in which nothing is built needs no more. */
    private static final Duration TRYING = Duration.ofMinutes(1);

    private final WheelBuilder settings;
    private final BuilderFiles files;
    private final Sandbox sandbox;
    private final Map<Interpreter, Kit> kits;

    /**
     * What builds for an interpreter.
     *
     * @param tools by name and version what takes part in every build
     * @param compiler whether there is one, and headers for it
     */
    record Kit(BuilderFacts.Python python, Map<String, String> tools, boolean compiler, Optional<String> auditwheel) {}

    private Builder(WheelBuilder settings, BuilderFiles files, Sandbox sandbox, Map<Interpreter, Kit> kits) {
        this.settings = settings;
        this.files = files;
        this.sandbox = sandbox;
        this.kits = kits;
    }

    /** Whether a machine can build. */
    sealed interface Readiness {
        record Ready(Builder builder, List<String> remarks) implements Readiness {}

        /** All that is missing, each in a line. */
        record Unready(List<String> missing) implements Readiness {}
    }

    /** Looks whether {@code machine} can build for {@code platform}, and begins an empty sandbox with each of its Pythons. */
    static Readiness look(Machine machine, WheelBuilder settings, WheelPlatform platform, BuildLimits limits)
            throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of(
                "/bin/sh", "-c", new String(Script.LOOK.content(), StandardCharsets.UTF_8), "sh", settings.folder()));
        platform.pythons().forEach(python -> words.add(python.toString()));
        Outcome looked = machine.run(new MachineCommand(words), LOOKING);
        if (!(looked instanceof Outcome.Ended ended)) {
            return new Readiness.Unready(List.of(((Outcome.Failed) looked).text()));
        }
        BuilderFacts facts = BuilderFacts.read(ended.outText());
        List<String> missing = facts.missing(platform, settings.folder());
        var files = new BuilderFiles(machine, settings.folder(), TRANSFER);
        if (facts.overseer().isEmpty() || !facts.folder() || !facts.sizes()) {
            return new Readiness.Unready(missing);
        }
        files.bringScripts().ifPresent(missing::add);
        var sandbox = new Sandbox(machine, facts.overseer().get(), settings.folder());
        var kits = new LinkedHashMap<Interpreter, Kit>();
        List<String> remarks = new ArrayList<>();
        for (Interpreter interpreter : platform.pythons()) {
            BuilderFacts.Python python = facts.pythons().get(interpreter);
            if (python != null && missing.isEmpty()) {
                switch (tried(sandbox, python, limits)) {
                    case Sandbox.Ran.Looked(JsonObject seen) ->
                        kits.put(interpreter, kit(interpreter, python, facts, seen, remarks));
                    case Sandbox.Ran.Failed(String reason) ->
                        missing.add("no sandbox can be begun with " + python.program() + ": " + reason);
                    case Sandbox.Ran.Needs ignored -> throw new IllegalStateException("nothing was to be built");
                    case Sandbox.Ran.Made ignored -> throw new IllegalStateException("nothing was to be built");
                }
            }
        }
        return missing.isEmpty()
                ? new Readiness.Ready(new Builder(settings, files, sandbox, kits), List.copyOf(remarks))
                : new Readiness.Unready(missing);
    }

    private static Sandbox.Ran tried(Sandbox sandbox, BuilderFacts.Python python, BuildLimits limits)
            throws IOException, InterruptedException {
        var job = new SandboxJob(
                python.program(),
                python.root(),
                "look",
                0,
                Optional.empty(),
                List.of(),
                new LinkedHashSet<>(),
                Optional.empty(),
                limits,
                TRYING);
        Path said = Files.createTempFile("flotilla-look", ".log");
        Path nothing = Files.createTempFile("flotilla-look", ".out");
        try (var log = new BuildLog(said)) {
            Sandbox.Ran ran = sandbox.run(job, log, nothing);
            // What bubblewrap itself says where the kernel doesn't let it.
            String words = Files.readString(said)
                    .lines()
                    .filter(line -> !line.startsWith("-- "))
                    .findFirst()
                    .orElse("");
            return ran instanceof Sandbox.Ran.Failed(String reason) && !words.isEmpty()
                    ? new Sandbox.Ran.Failed(reason + ": " + words + advice(words))
                    : ran;
        } finally {
            Files.deleteIfExists(said);
            Files.deleteIfExists(nothing);
        }
    }

    /** What to do where the kernel lets this user make no namespaces, as bubblewrap says it. */
    private static String advice(String words) {
        return words.startsWith("bwrap: ")
                        && (words.contains("namespace") || words.contains("uid map") || words.contains("RTM_NEWADDR"))
                ? ". Its user has to be let make user namespaces: by the sysctl user.max_user_namespaces,"
                        + " kernel.unprivileged_userns_clone on Debian, or an AppArmor profile for bwrap on Ubuntu"
                : "";
    }

    private static Kit kit(
            Interpreter interpreter,
            BuilderFacts.Python python,
            BuilderFacts facts,
            JsonObject seen,
            List<String> remarks) {
        Map<String, String> tools = new TreeMap<>();
        tools.put("python", seen.text("python"));
        tools.put("bubblewrap", facts.has().getOrDefault("bwrap", "").replaceFirst("^bubblewrap ", ""));
        Optional<String> compiler = seen.optionalText("compiler");
        compiler.ifPresent(line -> tools.put("compiler", line));
        boolean headers = seen.truth("headers");
        if (compiler.isEmpty() || !headers) {
            remarks.add("for " + interpreter + " it has no "
                    + (compiler.isPresent()
                            ? "headers of Python"
                            : headers ? "compiler" : "compiler and no headers of Python")
                    + ": what is written in C can't be built");
        }
        return new Kit(python, tools, compiler.isPresent() && headers, seen.optionalText("auditwheel"));
    }

    WheelBuilder settings() {
        return settings;
    }

    BuilderFiles files() {
        return files;
    }

    Sandbox sandbox() {
        return sandbox;
    }

    /** What builds for an interpreter of the platform. */
    Kit kit(Interpreter interpreter) {
        Kit kit = kits.get(interpreter);
        if (kit == null) {
            throw new IllegalArgumentException("the platform has no " + interpreter);
        }
        return kit;
    }
}
