package dev.flotilla.controller.command;

import dev.flotilla.controller.publish.TrustFolder;
import dev.flotilla.vocabulary.FleetName;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code flotilla init}: a commented {@code fleet.conf} and the keys of a new fleet. */
@Command(
        name = "init",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        header = "Begins a fleet: writes a fleet.conf with comments, and keys.",
        description = {
            "",
            "Writes FOLDER/fleet.conf, in which you fill in bucket, names and addresses, and FOLDER/trust with the keys"
                    + " that sign for the fleet (readable for you only). The first publication makes root.json of them, which"
                    + " every node is given.",
            "Nothing is ever overwritten.",
            ""
        },
        footer = {"", "Examples:", "  flotilla init", "  flotilla init --name acme mirrors", ""},
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:written", "1:something is there already, or can't be written", "2:wrong usage"})
public final class InitCommand implements Callable<Integer> {
    private static final String TEMPLATE = "fleet.conf";
    private static final String NAME_IN_TEMPLATE = "\"my-fleet\"";
    private static final String TRUST = "trust";
    private static final FleetName USUAL_NAME = new FleetName("my-fleet");

    private final SecureRandom random;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "FOLDER",
            defaultValue = ".",
            description = "Where to write; made if it isn't there. Default: the current folder.")
    private Path folder = Path.of(".");

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "The fleet's name, for which the keys are made: lower-case letters, digits and '-'."
                    + " Default: the folder's name, where it is such a name, or else my-fleet.")
    private @Nullable String name;

    public InitCommand(SecureRandom random) {
        this.random = random;
    }

    @Override
    public Integer call() {
        FleetName fleet = name == null ? usualName() : named(name);
        Path file = folder.resolve(TEMPLATE).normalize();
        Path trustFolder = folder.resolve(TRUST).normalize();
        var trust = new TrustFolder(trustFolder);
        try {
            refuseToOverwrite(file, trust);
            Files.createDirectories(folder);
            if (!trust.isFresh()) {
                trust.create(random);
            }
            Files.writeString(file, template(fleet), StandardOpenOption.CREATE_NEW);
        } catch (IOException failed) {
            throw new CommandFailure(
                    "can't write to " + folder.toAbsolutePath().normalize() + ": " + reason(failed), failed);
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println("The fleet " + fleet + " has a configuration and keys:");
        out.println("  " + file + "  what you want; fill in what is marked with (*)");
        out.println("  " + trust.key("root") + "  says who may sign; keep it offline, it isn't needed to publish");
        out.println("  " + trust.key("targets") + "  signs releases; may be kept offline, too");
        out.println("  " + trust.key("snapshot") + ", " + trust.key("timestamp")
                + "  sign that a release is the newest; stay with whoever publishes");
        out.println("  " + trust.key("wheels") + "  signs the index of prebuilt wheels");
        out.println("  " + trust.key("intents") + "  signs drains and purges");
        out.println();
        out.println("Next:");
        out.println("  1. edit " + file);
        out.println("  2. flotilla publish --config " + file);
        out.println("     makes the first root of the keys, for the bucket and the names in fleet.conf");
        out.println("  3. start an agent on every node, with " + trust.root() + " as its trust-root");
        out.println("  4. flotilla status --config " + file);
        out.println("To see a fleet work first: flotilla local");
        return 0;
    }

    private FleetName named(String written) {
        try {
            return new FleetName(written);
        } catch (IllegalArgumentException invalid) {
            throw new ParameterException(spec.commandLine(), "--name: " + invalid.getMessage(), invalid);
        }
    }

    private FleetName usualName() {
        Path last = folder.toAbsolutePath().normalize().getFileName();
        try {
            return last == null ? USUAL_NAME : new FleetName(last.toString());
        } catch (IllegalArgumentException noName) {
            return USUAL_NAME;
        }
    }

    private static void refuseToOverwrite(Path file, TrustFolder trust) throws IOException {
        List<Path> present = new ArrayList<>(trust.present());
        if (Files.exists(file)) {
            present.addFirst(file);
        } else if (trust.isFresh()) {
            // An earlier run was ended between the keys and the file.
            return;
        }
        if (!present.isEmpty()) {
            throw new CommandFailure("nothing is overwritten, and "
                    + String.join(", ", present.stream().map(Path::toString).toList())
                    + (present.size() == 1 ? " is" : " are")
                    + " there already. Choose another folder; or move them away, if no node uses these keys any more.");
        }
    }

    /** The file as it is given to people, for a fleet of this name. */
    static String template(FleetName fleet) throws IOException {
        try (InputStream resource = Objects.requireNonNull(InitCommand.class.getResourceAsStream(TEMPLATE))) {
            return new String(resource.readAllBytes(), StandardCharsets.UTF_8)
                    .replace(NAME_IN_TEMPLATE, "\"" + fleet + "\"");
        }
    }

    private static String reason(IOException failed) {
        String message = Optional.ofNullable(failed.getMessage()).orElse("");
        return switch (failed) {
            case FileAlreadyExistsException ignored -> message + " is there already, or is no folder";
            case AccessDeniedException ignored -> "this user may not write " + message;
            case NoSuchFileException ignored -> message + " can't be made there";
            default -> message;
        };
    }
}
