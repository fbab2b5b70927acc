package dev.flotilla.controller.fabric;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.controller.fabric.Readiness.Stage;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.machine.Machine;
import dev.flotilla.controller.machine.Outcome;
import dev.flotilla.settings.Loading;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The order in which a machine comes about, by a fabric that goes a step further each time that it is asked, as a cloud does. */
class MachineWatchTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    @TempDir
    Path folder;

    private final Coming fabric = new Coming();
    private Node node;

    @BeforeEach
    void read() throws Exception {
        Path file = Files.writeString(folder.resolve("fleet.conf"), """
                flotilla.fleet {
                  name = acme, bucket { name = acme }, fabric = local
                  regions { east { nodes { east-1 { address = 127.77.0.1 } } } }
                }
                """);
        node = ((Loading.Loaded<FleetConfiguration>) FleetConfiguration.load(file))
                .value()
                .nodes()
                .getFirst();
    }

    /** What it and its machine answer, each the first that is left, and the last one for ever. */
    private static final class Coming implements Fabric {
        final List<Presence> presences = new ArrayList<>();
        final List<Outcome> outcomes = new ArrayList<>();
        int commands;

        private static <T> T next(List<T> answers) {
            return answers.size() > 1 ? answers.removeFirst() : answers.getFirst();
        }

        @Override
        public Presence presence(Node asked) {
            return next(presences);
        }

        @Override
        public void provide(Node wanted) {}

        @Override
        public List<String> releasable(Node asked, boolean withStore) {
            return List.of();
        }

        @Override
        public void release(Node unwanted, boolean withStore) {}

        @Override
        public Site site(Node asked) {
            Machine machine = (command, input, heard, limit) -> {
                commands++;
                return next(outcomes);
            };
            return new Site(machine, machine, "", "flotilla");
        }

        @Override
        public void close() {}
    }

    private static Outcome said(String out, int exitCode) {
        return new Outcome.Ended(exitCode, out.getBytes(StandardCharsets.UTF_8), new byte[0], true, Duration.ZERO);
    }

    private static Outcome failed(Outcome.Reason reason) {
        return new Outcome.Failed(reason, reason.name());
    }

    @Test
    void firstTheFabricSaysThatItRunsThenItLetsInThenItsFirstBootIsDone() throws Exception {
        fabric.presences.addAll(
                List.of(new Presence.Missing("make it"), new Presence.Starting("pending"), new Presence.Running()));
        fabric.outcomes.addAll(List.of(
                failed(Outcome.Reason.UNREACHABLE),
                failed(Outcome.Reason.REFUSED),
                said("cloud-init isn't done\n", 0),
                said("", 0)));
        List<String> told = new ArrayList<>();
        assertThat(new MachineWatch(fabric, LONG).await(node, LONG, told::add)).isEqualTo(new Readiness.Ready());
        assertThat(told)
                .containsExactly(
                        "waiting for the machine: there is no machine that runs",
                        "waiting for the machine: pending",
                        "waiting for the machine: UNREACHABLE",
                        "waiting for the machine: REFUSED",
                        "waiting for the machine: its first boot isn't done: cloud-init isn't done");
        assertThat(fabric.commands).isEqualTo(4);
    }

    @Test
    void nothingIsRunOnAMachineThatDoesNotRun() throws Exception {
        fabric.presences.add(new Presence.Starting("pending"));
        assertThat(new MachineWatch(fabric, LONG).look(node)).isEqualTo(new Readiness.NotYet(Stage.RUNNING, "pending"));
        assertThat(fabric.commands).isZero();
    }

    @Test
    void whatWaitingDoesNotHelpIsToldAtOnce() throws Exception {
        fabric.presences.add(new Presence.Running());
        for (Outcome hopeless : List.of(
                failed(Outcome.Reason.CHANGED_HOST_KEY),
                failed(Outcome.Reason.UNKNOWN_HOST_KEY),
                failed(Outcome.Reason.NOT_ALLOWED),
                said("", 3))) {
            fabric.outcomes.clear();
            fabric.outcomes.add(hopeless);
            assertThat(new MachineWatch(fabric, LONG).await(node, LONG, line -> {}))
                    .isInstanceOf(Readiness.Never.class);
        }
    }

    @Test
    void whoIsNeverReadyIsGivenUpAtTheLimit() throws Exception {
        fabric.presences.add(new Presence.Running());
        fabric.outcomes.add(failed(Outcome.Reason.UNREACHABLE));
        assertThat(new MachineWatch(fabric, LONG).await(node, Duration.ofMillis(10), line -> {}))
                .isEqualTo(new Readiness.NotYet(Stage.LETS_IN, "UNREACHABLE"));
    }
}
