package dev.flotilla.controller.command;

import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.controller.publish.StagedMetadata;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code flotilla sign}: adds a signature to metadata that wait for one. */
@Command(
        name = "sign",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        header = "Adds a signature to metadata that wait for one. Needs no network, no bucket and no fleet.conf.",
        description = {
            "",
            "A root that replaces keys, and a release whose key is kept offline, wait in the trust folder's 'staged' until"
                    + " enough keys have signed them. Show first what you would sign: --show. A file that was signed goes back"
                    + " to where it was; the next flotilla publish takes it up.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  flotilla sign --show staged/2.root.json",
            "  flotilla sign --key /media/usb/root.key staged/2.root.json",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:signed, or shown", "1:not signed; the message says why and what to do", "2:wrong usage"})
public final class SignCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--key", paramLabel = "FILE", description = "A private key to sign with. May be repeated.")
    private List<Path> keys = List.of();

    @Option(names = "--show", description = "Say what the file would mean, and who has signed it; sign nothing.")
    private boolean show;

    @Option(names = "--json", description = "Say what came of it as one JSON object.")
    private boolean json;

    @Parameters(paramLabel = "FILE", description = "The metadata to sign, such as trust/staged/2.root.json.")
    private Path file = Path.of("");

    @Override
    public Integer call() throws IOException {
        if (!Files.exists(file)) {
            throw new CommandFailure("there is no " + file + ": flotilla keys lists what waits for signatures");
        }
        if (!show && keys.isEmpty()) {
            throw new CommandFailure("nothing to sign with: name a private key with --key FILE");
        }
        PrintWriter out = spec.commandLine().getOut();
        try {
            StagedMetadata staged = StagedMetadata.read(file);
            if (!show) {
                staged = staged.signedWith(keys);
                staged.write(file);
            }
            if (json) {
                out.println(JsonWriter.text(staged.toJson()));
            } else {
                staged.lines().forEach(out::println);
                if (!show) {
                    out.println("Signed: " + file + ". Put it back where it was, then run flotilla publish.");
                }
            }
            return 0;
        } catch (IllegalArgumentException unusable) {
            throw new CommandFailure("not signed: " + unusable.getMessage(), unusable);
        }
    }
}
