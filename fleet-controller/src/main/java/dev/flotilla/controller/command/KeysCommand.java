package dev.flotilla.controller.command;

import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.agent.trust.Delegation;
import dev.flotilla.agent.trust.KeyId;
import dev.flotilla.agent.trust.PublicKey;
import dev.flotilla.agent.trust.Role;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.publish.RootChange;
import dev.flotilla.controller.publish.Roots;
import dev.flotilla.controller.publish.TrustFolder;
import dev.flotilla.controller.publish.TrustView;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code flotilla keys}: who may sign for the fleet. */
@Command(
        name = "keys",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        header = "Says who may sign for the fleet, and changes it.",
        description = {
            "",
            "Four roles sign (The Update Framework 1.0): root says who may sign; targets signs releases; snapshot and"
                    + " timestamp sign that a release is the newest, again and again, and so have their keys where publish"
                    + " runs. The others can be kept offline. Every change is a new root, which nodes follow by themselves"
                    + " after the next flotilla publish.",
            ""
        },
        commandListHeading = "%nVerbs:%n",
        footer = {
            "",
            "Examples:",
            "  flotilla keys                                   who may sign, and which keys are here",
            "  flotilla keys rotate timestamp snapshot         a new key for each, after one was lost or stolen",
            "  flotilla keys generate root-anna                on anna's machine: makes root-anna.key and root-anna.pub",
            "  flotilla keys edit root --add root-anna.pub --threshold 2",
            "  flotilla keys renew                             the same keys, for longer, and for fleet.conf as it is now",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:not done; the message says why and what to do",
            "2:wrong usage",
            "3:the new root is made, and lacks signatures of keys that aren't here"
        })
public final class KeysCommand implements Runnable {
    /** Roles whose keys a release names, and not the root. */
    private static final List<String> DELEGATED = List.of(Delegation.WHEELS, Delegation.INTENTS);

    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,40}");

    private final Clock clock;
    private final SecureRandom random;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private FleetFile file = new FleetFile();

    @Mixin
    private KeyFolders keys = new KeyFolders();

    @Option(names = "--json", description = "Say what there is, or what came of it, as one JSON object.")
    private boolean json;

    public KeysCommand(Clock clock, SecureRandom random) {
        this.clock = clock;
        this.random = random;
    }

    @Override
    public void run() {
        try {
            TrustView view = TrustView.of(new TrustFolder(file.read().trust().folder()), keys.folders());
            if (json) {
                say(view.toJson());
            } else {
                view.lines().forEach(spec.commandLine().getOut()::println);
            }
        } catch (IOException | IllegalArgumentException unusable) {
            throw new CommandFailure(String.valueOf(unusable.getMessage()), unusable);
        }
    }

    @Command(
            name = "generate",
            mixinStandardHelpOptions = true,
            description =
                    "Makes a key: NAME.key, which stays secret, and NAME.pub, to be named with edit --add. Needs no"
                            + " fleet.conf.")
    int generate(
            @Parameters(paramLabel = "NAME", description = "Such as root-anna: the role first.") String name,
            @Option(
                            names = "--out",
                            paramLabel = "FOLDER",
                            defaultValue = ".",
                            description = "Where to write; default: the current folder.")
                    Path folder) {
        if (!NAME.matcher(name).matches()) {
            throw new ParameterException(
                    spec.commandLine(), "'" + name + "' is no name for a key: lower-case letters, digits and '-'");
        }
        var home = new TrustFolder(folder);
        try {
            PublicKey key = home.generate(name, random);
            if (json) {
                say(JsonObject.EMPTY
                        .with("id", key.id().value())
                        .with("file", home.key(name).toString()));
            } else {
                spec.commandLine()
                        .getOut()
                        .println("Key " + key.id() + " is in " + home.key(name)
                                + " (keep it secret), its public half in " + folder.resolve(name + ".pub"));
            }
            return 0;
        } catch (FileAlreadyExistsException there) {
            throw new CommandFailure(there.getMessage() + " is there already, and no key is overwritten", there);
        } catch (IOException failed) {
            throw new CommandFailure("can't write to " + folder + ": " + failed.getMessage(), failed);
        }
    }

    @Command(
            name = "rotate",
            mixinStandardHelpOptions = true,
            description =
                    "Gives each of the roles a new key in place of what it has: root, targets, snapshot, timestamp,"
                            + " wheels or intents.")
    int rotate(@Parameters(arity = "1..*", paramLabel = "ROLE", description = "The roles.") List<String> names)
            throws IOException {
        FleetConfiguration fleet = file.read();
        List<String> roles = new ArrayList<>(names);
        List<String> delegated =
                roles.stream().filter(DELEGATED::contains).distinct().toList();
        roles.removeAll(delegated);
        Map<Role, Roots.Change> changes = new EnumMap<>(Role.class);
        roles.forEach(name -> changes.put(role(name), new Roots.Change.Replace()));
        int wheelsKeys = fleet.trust().wheelsThreshold();
        if (delegated.contains(Delegation.WHEELS) && wheelsKeys > 1) {
            throw new CommandFailure("nothing is changed: the role for wheels needs " + wheelsKeys
                    + " keys (trust.wheels-threshold). Make each with flotilla keys generate wheels-NAME --out "
                    + fleet.trust().folder() + ", then move the .pub files of the old ones away");
        }
        for (String role : delegated) {
            new TrustFolder(fleet.trust().folder()).replace(role, random);
            spec.commandLine()
                    .getErr()
                    .println("The role for " + role + " has a new key, which the next release names.");
        }
        return changes.isEmpty() ? 0 : said(roots(fleet).change(changes, random));
    }

    @Command(
            name = "edit",
            mixinStandardHelpOptions = true,
            description = "Adds keys to a role, removes some, or changes how many of them have to sign.")
    int edit(
            @Parameters(paramLabel = "ROLE", description = "root, targets, snapshot or timestamp.") String name,
            @Option(names = "--add", paramLabel = "FILE", description = "A public key, as keys generate writes it.")
                    @Nullable
                    List<Path> add,
            @Option(names = "--remove", paramLabel = "ID", description = "The id of a key, as keys lists it.") @Nullable
                    List<String> remove,
            @Option(names = "--threshold", paramLabel = "COUNT", description = "How many keys have to sign.") @Nullable
                    Integer threshold)
            throws IOException {
        Role role = role(name);
        List<PublicKey> added = new ArrayList<>();
        List<KeyId> removed = new ArrayList<>();
        try {
            for (Path key : add == null ? List.<Path>of() : add) {
                added.add(TrustFolder.readPublic(key));
            }
            for (String id : remove == null ? List.<String>of() : remove) {
                removed.add(new KeyId(id));
            }
        } catch (IllegalArgumentException invalid) {
            throw new ParameterException(spec.commandLine(), String.valueOf(invalid.getMessage()), invalid);
        }
        var change = new Roots.Change.Edit(added, removed, Optional.ofNullable(threshold));
        return said(roots(file.read()).change(Map.of(role, change), random));
    }

    @Command(
            name = "renew",
            mixinStandardHelpOptions = true,
            description =
                    "Makes a root with the same keys that ends later, for the bucket and the zone that fleet.conf says"
                            + " now.")
    int renew() throws IOException {
        return said(roots(file.read()).renew());
    }

    private Roots roots(FleetConfiguration fleet) {
        return new Roots(fleet, keys.folders(), clock);
    }

    private Role role(String name) {
        return Arrays.stream(Role.values())
                .filter(role -> role.metadataName().equals(name))
                .findFirst()
                .orElseThrow(() -> new ParameterException(
                        spec.commandLine(), "'" + name + "' is no role: root, targets, snapshot or timestamp"));
    }

    private int said(RootChange change) {
        return switch (change) {
            case RootChange.Refused refused -> throw new CommandFailure("nothing is changed: " + refused.reason());
            case RootChange.Made made -> {
                if (json) {
                    say(JsonObject.EMPTY
                            .with("result", "made")
                            .with("root", made.version())
                            .with("file", made.file().toString()));
                } else {
                    spec.commandLine()
                            .getOut()
                            .println("Root " + made.version() + " is made: " + made.file()
                                    + ". Nodes follow it after the next flotilla publish.");
                }
                yield 0;
            }
            case RootChange.Staged staged -> {
                if (json) {
                    say(JsonObject.EMPTY
                            .with("result", "unsigned")
                            .with("root", staged.version())
                            .with("file", staged.file().toString())
                            .with("lacking", staged.lacking()));
                } else {
                    spec.commandLine()
                            .getOut()
                            .println("Root " + staged.version() + " waits in " + staged.file() + ": "
                                    + staged.lacking()
                                    + ". Carry it to each custodian for flotilla sign, put it back, then"
                                    + " run flotilla publish.");
                }
                yield PublishCommand.SIGNATURES_LACK;
            }
        };
    }

    private void say(JsonObject object) {
        spec.commandLine().getOut().println(JsonWriter.text(object));
    }
}
