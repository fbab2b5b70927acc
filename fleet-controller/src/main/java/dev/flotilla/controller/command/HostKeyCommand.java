package dev.flotilla.controller.command;

import dev.flotilla.controller.fabric.Fabrics;
import dev.flotilla.controller.fabric.StaticFabric;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.ssh.HostKeySight;
import dev.flotilla.controller.ssh.PublicHostKey;
import dev.flotilla.controller.ssh.SshTarget;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code flotilla hostkey}: whose machines they are. */
@Command(
        name = "hostkey",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        header = "Shows and pins the host keys of a fleet's machines.",
        description = {
            "",
            "A machine shows by its host key that it is the one that it was. The key is pinned once, in the file that 'ssh.host-keys' in"
                    + " fleet.conf names; nothing is ever sent to a machine that shows another. Compare a fingerprint with what the machine"
                    + " itself says (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), or take it from where the machine was made.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  flotilla hostkey show                                what every machine shows, and what is pinned",
            "  flotilla hostkey accept east/east-1 SHA256:47DEQ...  pin it, if that is what it shows",
            "  flotilla hostkey accept                              pin what all those show that have none pinned",
            "  flotilla hostkey accept jump/bastion.example.net     a jump host's, without which nothing behind it is seen",
            "  flotilla hostkey rotate east/east-1 SHA256:47DEQ...  for a machine that was made anew",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done; with show: every machine shows the pinned key",
            "1:not so, or not done; the message says why",
            "2:wrong usage"
        })
public final class HostKeyCommand implements Runnable {
    private final Map<String, String> environment;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private FleetFile file = new FleetFile();

    /** {@code environment} may name an SSH agent. */
    public HostKeyCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            description = "Shows what machines show now, and whether that is what is pinned.")
    int show(
            @Option(
                            names = "--on",
                            paramLabel = "REGION[/NODE]|jump/HOST",
                            converter = MachineName.Written.class,
                            description = "Only there.")
                    @Nullable
                    List<MachineName> machines)
            throws IOException, InterruptedException {
        boolean right = true;
        FleetConfiguration fleet = file.read();
        try (var fabrics = Fabrics.open(fleet, environment)) {
            StaticFabric fabric = Ways.bySsh(fabrics, fleet);
            for (var group : HostKeyTargets.of(fabric, fleet, machines == null ? List.of() : machines)) {
                for (var seen : HostKeyTargets.look(fabric, group).entrySet()) {
                    right &= seen.getValue() instanceof HostKeySight.Right;
                    say(text(seen.getKey(), seen.getValue()));
                }
            }
        }
        return right ? 0 : 1;
    }

    @Command(
            name = "accept",
            mixinStandardHelpOptions = true,
            description = "Pins what machines show that have no key pinned.")
    int accept(
            @Parameters(
                            arity = "0..1",
                            paramLabel = "REGION[/NODE]|jump/HOST",
                            converter = MachineName.Written.class,
                            description = "Only there.")
                    @Nullable
                    MachineName machine,
            @Parameters(arity = "0..1", paramLabel = "FINGERPRINT", description = "Only if it shows just this key.")
                    @Nullable
                    String fingerprint)
            throws IOException, InterruptedException {
        return pin(
                machine == null ? List.of() : List.of(machine),
                Optional.ofNullable(fingerprint),
                sight ->
                        sight instanceof HostKeySight.Unknown(PublicHostKey key) ? Optional.of(key) : Optional.empty());
    }

    @Command(
            name = "rotate",
            mixinStandardHelpOptions = true,
            description = "Pins what a machine shows in place of what is pinned.")
    int rotate(
            @Parameters(
                            paramLabel = "REGION/NODE|jump/HOST",
                            converter = MachineName.Written.class,
                            description = "The machine.")
                    MachineName machine,
            @Parameters(paramLabel = "FINGERPRINT", description = "The key that it has to show.") String fingerprint)
            throws IOException, InterruptedException {
        return pin(List.of(machine), Optional.of(fingerprint), sight -> switch (sight) {
            case HostKeySight.Changed(PublicHostKey pinned, PublicHostKey key) -> Optional.of(key);
            case HostKeySight.Unknown(PublicHostKey key) -> Optional.of(key);
            case HostKeySight.Right ignored -> Optional.empty();
            case HostKeySight.Hidden ignored -> Optional.empty();
        });
    }

    /** Pins what {@code wanted} finds in what is seen; 1 where a machine is left that doesn't show what is pinned. */
    private int pin(
            List<MachineName> machines,
            Optional<String> fingerprint,
            Function<HostKeySight, Optional<PublicHostKey>> wanted)
            throws IOException, InterruptedException {
        boolean right = true;
        FleetConfiguration fleet = file.read();
        try (var fabrics = Fabrics.open(fleet, environment)) {
            StaticFabric fabric = Ways.bySsh(fabrics, fleet);
            List<List<SshTarget>> groups = HostKeyTargets.of(fabric, fleet, machines);
            if (fingerprint.isPresent() && groups.stream().mapToInt(List::size).sum() > 1) {
                throw new CommandFailure("a fingerprint belongs to one machine: name it as REGION/NODE or jump/HOST");
            }
            // A machine behind a jump host is seen once that one's key is pinned.
            for (var group : groups) {
                for (var seen : HostKeyTargets.look(fabric, group).entrySet()) {
                    Optional<PublicHostKey> key = wanted.apply(seen.getValue());
                    key.ifPresent(shown -> require(seen.getKey(), fingerprint, shown));
                    if (key.isPresent()) {
                        fabric.book().pin(seen.getKey(), key.get());
                        say(seen.getKey() + ": pinned " + key.get().shown());
                    } else {
                        right &= seen.getValue() instanceof HostKeySight.Right;
                        say(text(seen.getKey(), seen.getValue()));
                    }
                }
            }
        }
        return right ? 0 : 1;
    }

    private static void require(String machine, Optional<String> fingerprint, PublicHostKey shown) {
        if (fingerprint.filter(only -> !only.equals(shown.fingerprint())).isPresent()) {
            throw new CommandFailure(
                    machine + " shows " + shown.fingerprint() + ", not " + fingerprint.get() + ": nothing is changed");
        }
    }

    private static String text(String machine, HostKeySight sight) {
        return switch (sight) {
            case HostKeySight.Right(PublicHostKey key) -> machine + ": as pinned, " + key.shown();
            case HostKeySight.Unknown(PublicHostKey key) -> machine + ": none is pinned, it shows " + key.shown();
            case HostKeySight.Changed(PublicHostKey pinned, PublicHostKey key) ->
                machine + ": CHANGED, it shows " + key.shown() + ", pinned is " + pinned.shown();
            case HostKeySight.Hidden(String why) -> machine + ": not seen, " + why;
        };
    }

    private void say(String line) {
        spec.commandLine().getOut().println(line);
    }
}
