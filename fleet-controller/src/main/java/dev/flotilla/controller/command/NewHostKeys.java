package dev.flotilla.controller.command;

import dev.flotilla.controller.fabric.Fabrics;
import dev.flotilla.controller.fabric.StaticFabric;
import dev.flotilla.controller.fleet.FabricKind;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.ssh.HostKeySight;
import dev.flotilla.controller.ssh.PublicHostKey;
import dev.flotilla.controller.ssh.SshTarget;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import picocli.CommandLine.Option;

/**
 * The host keys of machines that are gone to for the first time: pinned where somebody has said so beforehand, or says so when they are
 * shown; nothing is sent to the others. A key that is pinned is never changed here.
 */
final class NewHostKeys {
    /** Stands for whatever a machine shows. */
    private static final String WHATEVER = "whatever they show";

    @Option(
            names = "--accept-host-key",
            arity = "0..1",
            fallbackValue = WHATEVER,
            paramLabel = "FINGERPRINT",
            description = {
                "Pin this host key where a machine without a pinned one shows it; can be given several times. Without a fingerprint: pin what they"
                        + " show. Left out, each is shown on a terminal and asked about, and elsewhere nothing is sent to such a machine."
            })
    private List<String> accepted = new ArrayList<>();

    /**
     * Pins keys of machines that have none.
     *
     * @param asking asks whoever sits there; absent where nobody is to be asked
     * @param say is told what was pinned
     */
    void pin(
            FleetConfiguration fleet,
            Collection<Node> nodes,
            Map<String, String> environment,
            Optional<Function<String, Optional<String>>> asking,
            Consumer<String> say)
            throws IOException, InterruptedException {
        for (String key : accepted) {
            if (!key.equals(WHATEVER) && !key.startsWith("SHA256:")) {
                throw new CommandFailure("--accept-host-key: '" + key
                        + "' is no fingerprint, such as SHA256:47DEQ…; machines are named before the option");
            }
        }
        List<Node> listed = nodes.stream()
                .filter(node -> node.fabric() == FabricKind.STATIC && fleet.reaches(node))
                .toList();
        if (listed.isEmpty() || (accepted.isEmpty() && asking.isEmpty())) {
            return;
        }
        try (var fabrics = Fabrics.open(fleet, environment)) {
            StaticFabric fabric = Ways.bySsh(fabrics, fleet);
            // What is behind a jump host is seen once that one's key is pinned.
            for (List<SshTarget> group : HostKeyTargets.onTheWay(fabric, listed)) {
                List<SshTarget> unpinned = group.stream()
                        .filter(target -> fabric.book().pinned(target.machine()).isEmpty())
                        .toList();
                for (var seen : HostKeyTargets.look(fabric, unpinned).entrySet()) {
                    if (seen.getValue() instanceof HostKeySight.Unknown(PublicHostKey key)
                            && isWanted(seen.getKey(), key, asking)) {
                        fabric.book().pin(seen.getKey(), key);
                        say.accept(seen.getKey() + ": pinned the host key " + key.shown());
                    }
                }
            }
        }
    }

    private boolean isWanted(String machine, PublicHostKey key, Optional<Function<String, Optional<String>>> asking) {
        if (!accepted.isEmpty()) {
            return accepted.contains(WHATEVER) || accepted.contains(key.fingerprint());
        }
        return asking.orElseThrow()
                .apply(machine + " shows the host key " + key.shown()
                        + " and none is pinned. Is that its own? Only 'yes' counts: ")
                .filter(answer -> answer.strip().equals("yes"))
                .isPresent();
    }
}
