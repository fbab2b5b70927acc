package dev.flotilla.controller.wheels.publish;

import dev.flotilla.controller.fleet.PrivateNames;
import dev.flotilla.controller.fleet.WheelPlatform;
import dev.flotilla.controller.wheels.BuiltWheel;
import dev.flotilla.controller.wheels.PublishedWheel;
import dev.flotilla.controller.wheels.WheelPlace;
import dev.flotilla.controller.wheels.requirement.Version;
import dev.flotilla.controller.wheels.requirement.VersionSpecifiers;
import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.Sha256;
import dev.flotilla.vocabulary.WheelName;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * What a wheel has to be before it is published, whatever its builder says of it.
 *
 * @param platforms those of the fleet
 * @param hidden names that no public index is asked for, and that are nobody's to build
 * @param upstream what every wheel has to come from
 */
record WheelChecks(Map<PlatformSlug, WheelPlatform> platforms, PrivateNames hidden, UpstreamFiles upstream) {
    private static final String METADATA = ".dist-info/METADATA";

    /** Metadata are some KiB; those with a whole manual in them some hundred. */
    private static final int LARGEST_METADATA_BYTES = 16 << 20;

    /** Why it isn't to be published, where that is so. */
    Optional<String> objection(BuiltWheel built) throws IOException {
        PublishedWheel wheel = PublishedWheel.of(built);
        WheelPlatform platform = platforms.get(built.platform());
        if (platform == null) {
            return Optional.of("fleet.conf has no platform " + built.platform());
        }
        if (hidden.have(built.project())) {
            return Optional.of(built.project() + " is a private name (mirror.policy.private-names)");
        }
        return python(built)
                .or(() -> name(built, platform))
                .or(() -> place(built, wheel))
                .or(() -> content(built))
                .or(() -> source(wheel));
    }

    private static Optional<String> python(BuiltWheel built) {
        return built.requiresPython()
                        .filter(said -> !VersionSpecifiers.isPlain(said))
                        .isPresent()
                ? Optional.of("its Requires-Python says no versions")
                : Optional.empty();
    }

    private static Optional<String> name(BuiltWheel built, WheelPlatform platform) {
        WheelName name = WheelName.parse(built.filename()).orElseThrow();
        String version = built.provenance().sdist().version();
        Optional<Version> said = Version.parse(name.version().replaceFirst("_", "+"));
        if (said.isEmpty() || !said.equals(Version.parse(version))) {
            return Optional.of("it is version " + name.version() + ", and was built of " + version);
        }
        return platform.pythons().stream().anyMatch(python -> name.fits(python, platform.machine()))
                ? Optional.empty()
                : Optional.of("no Python that " + platform.slug() + " has would take it");
    }

    private static Optional<String> place(BuiltWheel built, PublishedWheel wheel) {
        try {
            WheelPlace.log(built.platform(), wheel);
            WheelPlace.provenance(built.platform(), wheel);
            return Optional.empty();
        } catch (IllegalArgumentException noKey) {
            return Optional.of("it can't be an object of a bucket: " + noKey.getMessage());
        }
    }

    private static Optional<String> content(BuiltWheel built) {
        try {
            long size = Files.size(built.file());
            if (size != built.size()) {
                return Optional.of("it has " + size + " bytes, and not " + built.size());
            }
            Sha256 digest;
            try (InputStream file = Files.newInputStream(built.file())) {
                digest = Sha256.of(file);
            }
            if (!digest.equals(built.digest())) {
                return Optional.of("its sha256 is " + digest + ", and not " + built.digest());
            }
            return metadata(built);
        } catch (IOException unreadable) {
            return Optional.of(built.file() + " can't be read: " + unreadable);
        }
    }

    /** Clients that got other metadata than the wheel's would refuse both. */
    private static Optional<String> metadata(BuiltWheel built) throws IOException {
        try (var zip = new ZipFile(built.file().toFile())) {
            List<? extends ZipEntry> entries = zip.stream()
                    .filter(entry -> entry.getName().endsWith(METADATA)
                            && entry.getName().indexOf('/') == entry.getName().lastIndexOf('/'))
                    .toList();
            if (entries.size() != 1) {
                return Optional.of("it has " + entries.size() + " files METADATA");
            }
            try (InputStream content = zip.getInputStream(entries.getFirst())) {
                byte[] bytes = content.readNBytes(LARGEST_METADATA_BYTES);
                return Sha256.of(bytes).equals(built.metadata())
                        ? Optional.empty()
                        : Optional.of("its METADATA isn't what its builder says");
            }
        }
    }

    private Optional<String> source(PublishedWheel wheel) {
        return switch (upstream.of(wheel.project())) {
            case UpstreamFiles.Answer.Known known -> Merging.objection(wheel, known.files());
            case UpstreamFiles.Answer.Absent absent -> Optional.of(absent.reason());
            case UpstreamFiles.Answer.Unavailable away ->
                Optional.of("whether upstream has it can't be found out: " + away.reason());
        };
    }
}
