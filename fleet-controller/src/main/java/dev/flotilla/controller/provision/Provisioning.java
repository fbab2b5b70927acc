package dev.flotilla.controller.provision;

import dev.flotilla.controller.difference.Contents;
import dev.flotilla.controller.machine.FileTransfer;
import dev.flotilla.controller.machine.FileTransfer.Placed;
import dev.flotilla.controller.machine.Input;
import dev.flotilla.controller.machine.Machine;
import dev.flotilla.controller.machine.MachineCommand;
import dev.flotilla.controller.machine.Outcome;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Makes machines nodes, in two phases: {@link #facts} looks, {@link #differences} says what is to be done, and {@link #apply}
 * does it by the archive's own {@code install.sh}. Whatever is killed in between, the next run finishes. Safe for many threads.
 */
public final class Provisioning {
    private static final String ARCHIVE = "/opt/flotilla/archives/flotilla-node.tar.gz";
    private static final String INCOMING = "/opt/flotilla/incoming";
    private static final String UNPACKED = "/opt/flotilla/unpacked";
    private static final String INSTALLED = "/opt/flotilla/current";

    /** What is unpacked is copied into its place, and each has some twice the size of the archive. */
    private static final long ROOM = 4;

    /** $1 the archive, $2 the folder, $3 how many KiB have to be free. */
    private static final String UNPACK = """
            rm -rf "$2"; mkdir -p "$2" || exit
            a=$1 d=$2 n=$3; set -- $(df -Pk "$d" 2>/dev/null | tail -n 1)
            case ${4:-} in *[!0-9]* | '') ;; *)
                if [ "$4" -lt "$n" ]; then echo "the disk is too full: $d has $4 KiB free, and $n are needed" >&2; exit 1; fi ;; esac
            tar -xzf "$a" -C "$d"
            """;

    /** How a script ends under which the connection broke, as soon as it says something. Done again, it goes on where it was. */
    private static final int BROKEN_PIPE = 141;

    private final Duration stepLimit;
    private final Duration transferLimit;

    /**
     * Provisioning within limits.
     *
     * @param stepLimit the most that a command may take
     * @param transferLimit the most that bringing a file may take
     */
    public Provisioning(Duration stepLimit, Duration transferLimit) {
        this.stepLimit = stepLimit;
        this.transferLimit = transferLimit;
    }

    /** What a look at a machine brought. */
    public sealed interface Look {
        record Seen(NodeFacts facts) implements Look {}

        /** It couldn't be looked at. */
        record Hidden(String reason) implements Look {}
    }

    /**
     * What lies between what is and what should be.
     *
     * @param steps in the order in which they are done; none where the machine is as it should be
     * @param obstacle why nothing can be done, where that is so
     */
    public record Differences(List<Step> steps, Optional<String> obstacle) {
        public Differences {
            steps = List.copyOf(steps);
        }
    }

    /** What became of it. */
    public sealed interface Applied {
        /** The machine is as it should be, and its agent runs. */
        record Done() implements Applied {}

        record Failed(String reason) implements Applied {}
    }

    /** Looks at the machine and changes nothing there. */
    public Look facts(Machine machine, String root) throws InterruptedException {
        return switch (machine.run(NodeFacts.command(root), stepLimit)) {
            case Outcome.Failed failed -> new Look.Hidden(failed.text());
            case Outcome.Ended ended -> {
                try {
                    yield new Look.Seen(NodeFacts.parse(ended.outText()));
                } catch (IllegalArgumentException incomplete) {
                    yield new Look.Hidden("its answer can't be read, " + incomplete.getMessage() + ": "
                            + firstLine(ended.errorText(), ended.exitCode()));
                }
            }
        };
    }

    /** Pure. */
    public static Differences differences(NodeFacts facts, WantedNode wanted) {
        NodeArchive archive = wanted.archive();
        Optional<String> obstacle = obstacle(facts, wanted);
        if (obstacle.isPresent()) {
            return new Differences(List.of(), obstacle);
        }
        List<Step> steps = new ArrayList<>();
        if (!facts.archive().equals(Optional.of(archive.digest()))) {
            steps.add(new Step.Bring(archive, facts.archive().isPresent()));
        }
        if (facts.installed().isEmpty()) {
            steps.add(new Step.Install(archive));
        } else if (!facts.installed().get().equals(archive.id())) {
            steps.add(new Step.Replace(facts.installed().get(), archive));
        } else if (!facts.damaged().isEmpty()) {
            steps.add(new Step.Mend(facts.damaged()));
        }
        for (String file : wanted.files().keySet()) {
            Optional<Sha256> present = Optional.ofNullable(facts.files().get(file));
            if (!present.equals(Optional.of(wanted.digest(file)))) {
                steps.add(new Step.Write(file, present.isEmpty()));
            }
        }
        boolean changes = steps.stream()
                .anyMatch(step ->
                        !(step instanceof Step.Bring || (step instanceof Step.Write write && write.isCertificate())));
        switch (facts.service()) {
            case STOPPED -> steps.add(new Step.Start(Step.Start.Reason.STOPPED));
            case FAILING -> steps.add(new Step.Start(Step.Start.Reason.FAILING));
            case RUNNING -> {
                if (changes || facts.pending()) {
                    steps.add(new Step.Start(Step.Start.Reason.CHANGED));
                }
            }
        }
        if (steps.isEmpty() && facts.leftover()) {
            // Otherwise the steps tidy up behind themselves.
            steps.add(new Step.Tidy());
        }
        return new Differences(steps, Optional.empty());
    }

    private static Optional<String> obstacle(NodeFacts facts, WantedNode wanted) {
        if (!facts.lacking().isEmpty()) {
            return Optional.of("the machine lacks " + String.join(", ", facts.lacking()) + ": install that first");
        }
        if (!facts.machine().equals(wanted.archive().machine())) {
            return Optional.of("it is a machine of the kind " + facts.machine() + ", and "
                    + wanted.archive().file() + " is for " + wanted.archive().machine());
        }
        // Below a folder of its own whoever has that installs for himself, and nobody else.
        boolean forOneself = !wanted.root().isEmpty() && facts.user().equals(wanted.user());
        return facts.isRoot() || forOneself
                ? Optional.empty()
                : Optional.of("the user who logs in there isn't root: set ssh.sudo = true, or log in as root");
    }

    /**
     * What changes inside the files that tell a node who it is, by the texts of their steps. Of variables no value is shown. Nothing is
     * changed.
     */
    public Map<String, List<String>> inside(Machine machine, WantedNode wanted, List<Step> steps)
            throws InterruptedException {
        Map<String, List<String>> inside = new HashMap<>();
        for (Step step : steps) {
            if (step instanceof Step.Write write && write.isCertificate()) {
                inside.put(write.text(), List.of("(its key is in it)"));
            } else if (step instanceof Step.Write write) {
                String fresh = new String(
                        Optional.ofNullable(wanted.files().get(write.file())).orElseThrow(), StandardCharsets.UTF_8);
                Optional<String> old = write.isNew()
                        ? Optional.of("")
                        : read(machine, wanted.root() + "/etc/flotilla/" + write.file());
                inside.put(
                        write.text(),
                        old.map(before -> new Contents(before, fresh))
                                .map(contents -> write.file().endsWith(".env")
                                        ? contents.differenceOfVariables()
                                        : contents.difference())
                                .orElse(List.of("(what is there can't be read)")));
            }
        }
        return inside;
    }

    private Optional<String> read(Machine machine, String file) throws InterruptedException {
        return machine.run(MachineCommand.of("cat", file), stepLimit) instanceof Outcome.Ended ended
                        && ended.exitCode() == 0
                        && ended.whole()
                ? Optional.of(ended.outText())
                : Optional.empty();
    }

    /** Does what is different; {@code progress} is told what the machine says of it, line by line. */
    public Applied apply(Machine machine, WantedNode wanted, List<Step> steps, Consumer<String> progress)
            throws IOException, InterruptedException {
        if (steps.isEmpty()) {
            return new Applied.Done();
        }
        String root = wanted.root();
        var transfer = new FileTransfer(machine, transferLimit);
        NodeArchive archive = wanted.archive();
        boolean program = steps.stream()
                .anyMatch(step ->
                        step instanceof Step.Install || step instanceof Step.Replace || step instanceof Step.Mend);
        if (program || steps.stream().anyMatch(step -> step instanceof Step.Bring)) {
            var cargo = new FileTransfer.Cargo(archive.file(), archive.digest(), root + ARCHIVE, "600");
            switch (transfer.place(cargo)) {
                case Placed.Already already -> progress.accept("the archive is there");
                case Placed.Sent sent -> progress.accept("the archive was brought");
                case Placed.Failed failed -> {
                    return new Applied.Failed(failed.text());
                }
            }
        }
        List<String> options = new ArrayList<>(List.of("--user", wanted.user()));
        if (!root.isEmpty()) {
            options.addAll(List.of("--root", root));
        }
        Set<String> written = steps.stream()
                .filter(Step.Write.class::isInstance)
                .map(step -> ((Step.Write) step).file())
                .collect(Collectors.toSet());
        for (Map.Entry<String, byte[]> file : wanted.files().entrySet()) {
            if (!program && !written.contains(file.getKey())) {
                continue;
            }
            String there = root + INCOMING + "/" + file.getKey();
            var cargo = new FileTransfer.Cargo(
                    FileTransfer.Content.of(file.getValue()), wanted.digest(file.getKey()), there, "600");
            if (transfer.place(cargo) instanceof Placed.Failed failed) {
                return new Applied.Failed(failed.text());
            }
            options.addAll(List.of(option(file.getKey()), there));
        }
        if (program) {
            Optional<String> problem = ran(
                    machine,
                    MachineCommand.of(
                            "/bin/sh",
                            "-c",
                            UNPACK,
                            "sh",
                            root + ARCHIVE,
                            root + UNPACKED,
                            Long.toString(ROOM * archive.size().bytes() / 1024)),
                    line -> {});
            if (problem.isPresent()) {
                return new Applied.Failed("the archive can't be unpacked: " + problem.get());
            }
        }
        List<String> install =
                new ArrayList<>(List.of(root + (program ? UNPACKED + "/flotilla-node" : INSTALLED) + "/install.sh"));
        install.addAll(options);
        Optional<String> problem = ran(machine, new MachineCommand(install), progress);
        if (problem.isPresent()) {
            return new Applied.Failed(problem.get());
        }
        return ran(machine, MachineCommand.of("rm", "-rf", root + UNPACKED, root + INCOMING), line -> {})
                .<Applied>map(Applied.Failed::new)
                .orElseGet(Applied.Done::new);
    }

    private static String option(String file) {
        return switch (file) {
            case "agent.conf" -> "--agent-conf";
            case "root.json" -> "--trust-root";
            case WantedNode.CERTIFICATE -> "--certificate";
            default -> "--environment";
        };
    }

    /** Runs it, tells what it says as it comes, and answers why it failed. */
    private Optional<String> ran(Machine machine, MachineCommand command, Consumer<String> said)
            throws InterruptedException {
        Outcome outcome = machine.run(command, Input.NOTHING, said, stepLimit);
        if (outcome instanceof Outcome.Ended ended && ended.exitCode() == BROKEN_PIPE) {
            outcome = machine.run(command, Input.NOTHING, said, stepLimit);
        }
        return switch (outcome) {
            case Outcome.Failed failed -> Optional.of(failed.text());
            case Outcome.Ended ended ->
                ended.exitCode() == 0 ? Optional.empty() : Optional.of(firstLine(ended.errorText(), ended.exitCode()));
        };
    }

    private static String firstLine(String error, int exitCode) {
        return error.strip().lines().findFirst().orElse("exit code " + exitCode);
    }
}
