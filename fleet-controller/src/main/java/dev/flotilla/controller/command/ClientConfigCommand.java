package dev.flotilla.controller.command;

import dev.flotilla.clients.Base;
import dev.flotilla.clients.ClientFile;
import dev.flotilla.clients.ClientFiles;
import dev.flotilla.clients.Index;
import dev.flotilla.clients.RegionDescription;
import dev.flotilla.controller.fleet.ClientDescriptions;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.Region;
import dev.flotilla.vocabulary.PlatformSlug;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code flotilla client-config}: files by which clients use a region. */
@Command(
        name = "client-config",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        header =
                "Prints a file by which clients use a region: pip.conf, uv.toml, mirror_info.json and more. Asks nobody.",
        description = {
            "",
            "Made of fleet.conf alone, and the same that the region's mirrors serve at /pip.conf and so on. It needs names, dns { … }.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  flotilla client-config east",
            "  flotilla client-config east uv.toml --platform debian-12-x86_64 --https",
            "  flotilla client-config east github-actions.yml --global --cooldown 7",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:printed", "1:not so; the message says why", "2:wrong usage"})
public final class ClientConfigCommand implements Runnable {
    private static final String DESCRIPTION = "mirror_info.json";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private FleetFile file = new FleetFile();

    @Parameters(index = "0", paramLabel = "REGION", converter = Place.Written.class, description = "The region.")
    private Place place = Place.NONE;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "FILE",
            defaultValue = "pip.conf",
            completionCandidates = Names.class,
            description = "One of ${COMPLETION-CANDIDATES}; default: ${DEFAULT-VALUE}.")
    private String wanted = "pip.conf";

    @Option(names = "--global", description = "The fleet's name in place of the region's.")
    private boolean global;

    @Option(names = "--https", description = "By HTTPS, where the region's mirrors have tls { … }.")
    private boolean https;

    @Option(
            names = "--platform",
            paramLabel = "SLUG",
            description = "The index with wheels of this platform, such as debian-12-x86_64.")
    private @Nullable String platform;

    @Option(names = "--cooldown", paramLabel = "DAYS", description = "The index without files younger than that.")
    private @Nullable Integer days;

    /** What can be asked for. */
    static final class Names implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Stream.concat(Arrays.stream(ClientFile.values()).map(ClientFile::fileName), Stream.of(DESCRIPTION))
                    .iterator();
        }
    }

    @Override
    public void run() {
        FleetConfiguration fleet = file.read();
        if (place.node().isPresent()) {
            throw new CommandFailure("clients use a region and not a node: name " + place.region());
        }
        Region region = fleet.regions().stream()
                .filter(known -> known.name().equals(place.region()))
                .findFirst()
                .orElseThrow(() -> new CommandFailure("fleet.conf has no region " + place.region() + ": there are "
                        + fleet.regions().stream()
                                .map(known -> known.name().value())
                                .collect(Collectors.joining(", "))));
        try {
            spec.commandLine().getOut().print(text(ClientDescriptions.of(region)));
        } catch (IllegalArgumentException wrong) {
            throw new CommandFailure(String.valueOf(wrong.getMessage()));
        }
        spec.commandLine().getOut().flush();
    }

    private String text(RegionDescription description) {
        var scope = global ? RegionDescription.Scope.GLOBAL : RegionDescription.Scope.REGION;
        Base base = description
                .base(scope, https)
                .orElseThrow(() -> new CommandFailure(
                        https && description.encryptedPort().isEmpty()
                                ? "the mirrors of " + place.region()
                                        + " have no tls { … }: nobody comes to them by https"
                                : "fleet.conf has no dns { … }: clients need a name that moves when a region dies; or write"
                                        + " mirror { clients { name = \"…\" } } where somebody else makes the names"));
        if (wanted.equals(DESCRIPTION)) {
            return description.json(base);
        }
        ClientFile known = ClientFile.named(wanted)
                .orElseThrow(() -> new CommandFailure(
                        "there is no '" + wanted + "': name one of " + String.join(", ", new Names())));
        return new ClientFiles(base, index(description.platforms()), description).text(known);
    }

    private Index index(List<PlatformSlug> platforms) {
        if (platform != null && days != null) {
            throw new CommandFailure(
                    "an index with wheels of a platform has no cool-down: --platform or --cooldown, not both");
        }
        if (platform != null) {
            PlatformSlug slug = PlatformSlug.parse(platform)
                    .orElseThrow(
                            () -> new CommandFailure("'" + platform + "' is no platform, such as debian-12-x86_64"));
            if (!platforms.contains(slug)) {
                throw new CommandFailure("the fleet builds no wheels for " + slug + ", only for " + platforms);
            }
            return new Index.Overlay(slug);
        }
        return days == null ? new Index.Plain() : new Index.Cooldown(days);
    }
}
