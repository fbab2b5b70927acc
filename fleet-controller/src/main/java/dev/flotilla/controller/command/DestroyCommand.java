package dev.flotilla.controller.command;

import dev.flotilla.agent.bucket.ErasableBucket;
import dev.flotilla.agent.bucket.S3Bucket;
import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.controller.audit.AuditLog;
import dev.flotilla.controller.destroy.Destruction;
import dev.flotilla.controller.destroy.Destruction.Looking;
import dev.flotilla.controller.destroy.Destruction.Outcome;
import dev.flotilla.controller.destroy.Inventory;
import dev.flotilla.controller.dns.FleetDns;
import dev.flotilla.controller.dns.Route53Zone;
import dev.flotilla.controller.dns.Zone;
import dev.flotilla.controller.fabric.Fabrics;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.lock.Fence;
import dev.flotilla.controller.lock.Holding;
import dev.flotilla.controller.provision.Uninstalling;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/** {@code flotilla destroy}: from a fleet to nothing. */
@Command(
        name = "destroy",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        header =
                "Takes a whole fleet away: its names in DNS, what is installed on its machines, and its objects in the bucket.",
        description = {
            "",
            "Shows everything that goes and what stays, and asks for the fleet's name. Then DNS goes first, the machines next, the bucket's"
                    + " objects last, the lock as the last of them. What isn't this fleet's is left. A machine that can't be reached stops it:"
                    + " bring it back, or leave it as it is with --abandon. Killed anywhere, the next run goes on. The record of what was"
                    + " ever done to the fleet is kept beside fleet.conf.",
            "",
            "To take a node or a region out of a fleet, take it out of fleet.conf and run flotilla apply.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  flotilla destroy --check",
            "  flotilla destroy",
            "  flotilla destroy --fleet-name acme     for scripts",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:nothing is left of the fleet but what was to stay",
            "1:something is; the message says what and why",
            "2:--check: something would go; or wrong usage",
            "4:another controller changes the fleet now, or has taken the lock"
        })
public final class DestroyCommand implements Callable<Integer> {
    private static final int WOULD_GO = 2;

    private final Clock clock;
    private final Supplier<AwsCredentialsProvider> credentials;
    private final String actor;
    private final Map<String, String> environment;
    private final Function<String, Optional<String>> terminal;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private FleetFile file = new FleetFile();

    @Mixin
    private Locking locking = new Locking();

    @Option(names = "--check", description = "Only show what would go, and what would stay.")
    private boolean check;

    @Option(
            names = "--fleet-name",
            paramLabel = "NAME",
            description = "The fleet's name, for where nobody can be asked for it.")
    private @Nullable String named;

    @Option(names = "--keep-bucket", description = "The objects stay: another destroy can take them away later.")
    private boolean keepBucket;

    @Option(names = "--with-stores", description = "The mirrors' stores go, too.")
    private boolean withStores;

    @Option(
            names = "--abandon",
            paramLabel = "REGION[/NODE]",
            converter = Place.Written.class,
            description = "Leave these machines as they are; can be given several times. What runs there runs on.")
    private List<Place> abandoned = new ArrayList<>();

    @Option(
            names = "--json",
            description = "A line of JSON for each thing that goes or stays, and for each thing that happens.")
    private boolean json;

    /**
     * The verb, ready to run.
     *
     * @param environment may name an SSH agent
     * @param terminal asks whoever sits there; no answer where nobody does
     */
    public DestroyCommand(
            Clock clock,
            Supplier<AwsCredentialsProvider> credentials,
            String actor,
            Map<String, String> environment,
            Function<String, Optional<String>> terminal) {
        this.clock = clock;
        this.credentials = credentials;
        this.actor = actor;
        this.environment = environment;
        this.terminal = terminal;
    }

    /** What is gone to, open until it is closed. */
    private record Ground(ErasableBucket bucket, Optional<Zone> zone, Optional<Fabrics> fabrics)
            implements AutoCloseable {
        @Override
        public void close() {
            bucket.close();
            zone.ifPresent(Zone::close);
            fabrics.ifPresent(Fabrics::close);
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        FleetConfiguration fleet = file.read();
        try (Ground ground = open(fleet)) {
            Inventory inventory = look(destruction(fleet, ground, Fence.ALONE));
            show(inventory);
            if (inventory.isEmpty()) {
                say("Nothing is left of the fleet " + fleet.name() + ".");
                return 0;
            }
            if (check) {
                return WOULD_GO;
            }
            confirm(fleet);
            try (Holding lock = locking.take(fleet, ground.bucket(), clock, actor, "destroy", this::step)) {
                return destroyed(fleet, ground, lock, inventory);
            }
        }
    }

    private Ground open(FleetConfiguration fleet) throws IOException {
        AwsCredentialsProvider provider = credentials.get();
        return new Ground(
                S3Bucket.open(fleet.bucket(), provider),
                fleet.dns().map(dns -> Route53Zone.open(dns, provider)),
                fleet.managed().isEmpty() ? Optional.empty() : Optional.of(Fabrics.open(fleet, environment)));
    }

    private Destruction destruction(FleetConfiguration fleet, Ground ground, Fence fence) {
        Set<NodeId> left = new HashSet<>();
        abandoned.forEach(place -> left.addAll(place.nodes(fleet)));
        var uninstalling = new Uninstalling(withStores, fleet.provision().stepTimeOut());
        return new Destruction(
                fleet,
                ground.bucket(),
                ground.zone().map(zone -> FleetDns.of(fleet, zone, FleetDns.Timing.USUAL, fence, this::step)),
                ground.fabrics().map(fabrics -> new InstalledOnMachines(fabrics, uninstalling, withStores)),
                new Destruction.Terms(keepBucket, left));
    }

    private static Inventory look(Destruction destruction) throws IOException, InterruptedException {
        return switch (destruction.look()) {
            case Looking.Found found -> found.inventory();
            case Looking.Refused refused -> throw new CommandFailure("nothing is destroyed: " + refused.reason());
        };
    }

    private void confirm(FleetConfiguration fleet) {
        String answer = Optional.ofNullable(named)
                .or(() -> terminal.apply("This can't be undone. The fleet's name, if all of this is to go: "))
                .orElseThrow(() -> new CommandFailure(
                        "nothing is destroyed: nobody can be asked here. Say --fleet-name " + fleet.name()));
        if (!answer.strip().equals(fleet.name().value())) {
            throw new CommandFailure("nothing is destroyed: '" + answer.strip()
                    + "' isn't the name of this fleet, which is " + fleet.name());
        }
    }

    private int destroyed(FleetConfiguration fleet, Ground ground, Holding lock, Inventory shown)
            throws IOException, InterruptedException {
        Destruction destruction = destruction(fleet, ground, lock);
        Inventory now = look(destruction);
        List<String> more = now.beyond(shown);
        if (!more.isEmpty()) {
            throw new CommandFailure("nothing is destroyed: meanwhile there is more than was shown ("
                    + String.join("; ", more) + "). Destroy again");
        }
        var audit = new AuditLog(fleet.name(), ground.bucket(), clock, actor, lock::generation);
        return switch (destruction.destroy(now, lock, audit, this::step)) {
            case Outcome.Done ignored -> {
                ended("done", List.of());
                say("The fleet " + fleet.name() + " is destroyed.");
                yield 0;
            }
            case Outcome.Incomplete incomplete -> {
                ended("incomplete", incomplete.problems());
                incomplete.problems().forEach(problem -> say("! " + problem));
                say("Not all of it is destroyed; the next destroy goes on."
                        + (now.hidden().isEmpty() ? "" : " Leave machines as they are with --abandon."));
                yield CommandFailure.FAILED;
            }
            case Outcome.Fenced fenced -> throw CommandFailure.locked("not all of it is destroyed: " + fenced.reason());
        };
    }

    private void show(Inventory inventory) {
        if (json) {
            inventory.events().forEach(event -> print(JsonWriter.line(event)));
        } else {
            inventory.text().forEach(this::print);
        }
    }

    private void ended(String result, List<String> problems) {
        if (json) {
            print(JsonWriter.line(JsonObject.EMPTY
                    .with("event", "end")
                    .with("result", result)
                    .with(
                            "problems",
                            new Json.Sequence(
                                    problems.stream().<Json>map(Json.Text::new).toList()))));
        }
    }

    private void step(String text) {
        print(json ? JsonWriter.line(JsonObject.EMPTY.with("event", "step").with("text", text)) : "  " + text);
    }

    private void say(String text) {
        if (!json) {
            print(text);
        }
    }

    private synchronized void print(String line) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }
}
