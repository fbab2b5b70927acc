package dev.flotilla.agent.tuf;

import dev.flotilla.agent.disk.Disk;
import dev.flotilla.agent.state.MetadataFolder;
import dev.flotilla.agent.trust.MetadataFile;
import dev.flotilla.agent.trust.MetadataSource.Fetched;
import dev.flotilla.agent.trust.MetadataStore;
import dev.flotilla.agent.trust.Refreshed;
import dev.flotilla.agent.trust.TargetFile;
import dev.flotilla.agent.trust.TrustLimits;
import dev.flotilla.agent.trust.TrustedMetadata;
import dev.flotilla.agent.trust.UpdateTime;
import dev.flotilla.agent.trust.Updater;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * The client of the agent's trust against any repository on the web, with the command line that the conformance suite of
 * The Update Framework asks for (its CLIENT-CLI.md). Roots are taken as they are, and not asked for a fleet.
 */
@Command(
        name = "tuf",
        hidden = true,
        description = "A plain client of The Update Framework, for its conformance suite.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {"0:everything is up to date and verified", "1:something is refused or can't be fetched"})
public final class TufCommand {
    /** No timestamp is too young here: the suite's own repositories live for years. */
    private static final TrustLimits LIMITS = new TrustLimits(
            TrustLimits.USUAL.root(),
            TrustLimits.USUAL.timestamp(),
            TrustLimits.USUAL.snapshot(),
            TrustLimits.USUAL.targets(),
            TrustLimits.USUAL.rotations(),
            TrustLimits.USUAL.roles(),
            Duration.ZERO);

    private static final ByteSize LARGEST_TARGET = ByteSize.ofMiB(64);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--metadata-dir", required = true, paramLabel = "FOLDER", description = "Keeps trusted metadata.")
    private Path metadataFolder = Path.of(".");

    @Option(names = "--metadata-url", paramLabel = "URL", description = "Where the repository's metadata are.")
    private @Nullable String metadataUrl;

    @Option(names = "--target-name", paramLabel = "PATH", description = "A target to download; may be repeated.")
    private List<String> targetNames = List.of();

    @Option(names = "--target-base-url", paramLabel = "URL", description = "Where the repository's targets are.")
    private @Nullable String targetUrl;

    @Option(names = "--target-dir", paramLabel = "FOLDER", description = "Where downloaded targets go.")
    private @Nullable Path targetFolder;

    @Command(name = "init", description = "Begins with a trusted root.")
    int init(@Parameters(paramLabel = "ROOT", description = "The root to trust.") Path root) throws IOException {
        return Updater.ofAnybody((file, known, limit) -> new Fetched.Failed("nothing is fetched yet"), store(), LIMITS)
                .begin(Files.readAllBytes(root))
                .map(this::refused)
                .orElse(0);
    }

    @Command(name = "refresh", description = "Brings all top-level metadata up to date.")
    int refresh() throws IOException {
        return switch (updater().refresh(Optional.empty(), UpdateTime.of(Instant.now()))) {
            case Refreshed.Current ignored -> 0;
            case Refreshed.Refused refused -> refused(refused);
            case Refreshed.Unavailable unavailable -> failed(unavailable.reason());
        };
    }

    @Command(name = "download", description = "Brings metadata up to date and downloads targets, verified.")
    int download() throws IOException {
        Updater updater = updater();
        var time = UpdateTime.of(Instant.now());
        return switch (updater.refresh(Optional.empty(), time)) {
            case Refreshed.Current current -> download(updater, current.metadata(), time);
            case Refreshed.Refused refused -> refused(refused);
            case Refreshed.Unavailable unavailable -> failed(unavailable.reason());
        };
    }

    private int download(Updater updater, TrustedMetadata metadata, UpdateTime time) throws IOException {
        for (String name : targetNames) {
            int code = switch (updater.find(metadata, name, time)) {
                case Updater.Finding.Found found -> download(metadata, name, found.file());
                case Updater.Finding.Absent absent -> failed(absent.reason());
                case Updater.Finding.Refused refused -> refused(refused.refused());
                case Updater.Finding.Unavailable unavailable -> failed(unavailable.reason());
            };
            if (code != 0) {
                return code;
            }
        }
        return 0;
    }

    private int download(TrustedMetadata metadata, String name, TargetFile file) throws IOException {
        Path place = required("--target-dir", targetFolder).resolve(MetadataFile.encoded(name));
        if (Files.exists(place) && Sha256.of(Files.readAllBytes(place)).equals(file.sha256())) {
            return 0;
        }
        if (file.length().compareTo(LARGEST_TARGET) > 0) {
            return failed(name + " of " + file.length() + " is larger than " + LARGEST_TARGET);
        }
        int slash = name.lastIndexOf('/') + 1;
        String prefix = metadata.root().consistentSnapshots() ? file.sha256() + "." : "";
        String address = Stream.of((name.substring(0, slash) + prefix + name.substring(slash)).split("/", -1))
                .map(MetadataFile::encoded)
                .collect(Collectors.joining("/"));
        return switch (new HttpRepository(required("--target-base-url", targetUrl)).fetch(address, file.length())) {
            case Fetched.Found found
            when Sha256.of(found.content()).equals(file.sha256()) -> {
                Disk.replace(place, found.content());
                yield 0;
            }
            case Fetched.Found ignored -> failed("wrong digest: " + name);
            case Fetched.NotModified ignored -> failed("nothing came for " + name);
            case Fetched.Absent absent -> failed(absent.reason());
            case Fetched.TooLarge tooLarge -> failed(tooLarge.reason());
            case Fetched.Failed broken -> failed(broken.reason());
        };
    }

    private Updater updater() {
        return Updater.ofAnybody(new HttpRepository(required("--metadata-url", metadataUrl)), store(), LIMITS);
    }

    private MetadataStore store() {
        return new MetadataFolder(metadataFolder);
    }

    private <T> T required(String option, @Nullable T value) {
        if (value == null) {
            throw new ParameterException(spec.commandLine(), option + " is missing");
        }
        return value;
    }

    private int refused(Refreshed.Refused refused) {
        return failed(refused.text());
    }

    private int failed(String reason) {
        spec.commandLine().getErr().println("tuf: " + reason);
        return 1;
    }
}
