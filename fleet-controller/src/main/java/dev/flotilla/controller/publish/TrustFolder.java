package dev.flotilla.controller.publish;

import dev.flotilla.agent.trust.Role;
import dev.flotilla.agent.trust.RootMetadata;
import dev.flotilla.agent.trust.SignedDocument;
import dev.flotilla.agent.trust.SigningKey;
import dev.flotilla.agent.trust.TrustedRoot;
import dev.flotilla.agent.trust.Verification;
import dev.flotilla.vocabulary.FleetName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * The folder with the fleet's keys: {@code root.key} signs who may sign, {@code targets.key} signs releases, and
 * {@code root.json} is what nodes are given to judge both. After the first publication only {@code targets.key} and
 * {@code root.json} are needed here; {@code root.key} can be kept offline.
 */
public final class TrustFolder {
    public static final String ROOT_KEY = "root.key";
    public static final String TARGETS_KEY = "targets.key";
    public static final String ROOT = "root.json";

    /** A new root has to be carried to every node by hand, so the first one lasts. */
    private static final Duration ROOT_LIFETIME = Duration.ofDays(3650);

    private final Path folder;

    public TrustFolder(Path folder) {
        this.folder = folder;
    }

    /** What signs releases. */
    public sealed interface Opening {
        /**
         * The keys belong together and to the fleet.
         *
         * @param document {@code root.json} as it is
         */
        record Opened(TrustedRoot root, SigningKey targets, RootDocument document) implements Opening {}

        /** Nothing can be signed; the reason says what to do. */
        record Refused(String reason) implements Opening {}
    }

    /** The bytes of a root document. */
    public static final class RootDocument {
        private final byte[] content;

        RootDocument(byte[] content) {
            this.content = content.clone();
        }

        public byte[] content() {
            return content.clone();
        }
    }

    public Path root() {
        return folder.resolve(ROOT);
    }

    /** The files that {@link #create} would write and that are there already. */
    public List<Path> present() {
        return List.of(ROOT_KEY, TARGETS_KEY, ROOT).stream()
                .map(folder::resolve)
                .filter(Files::exists)
                .toList();
    }

    /** Makes new keys and a root for the fleet. Fails rather than overwrite anything. */
    public void create(FleetName fleet, Instant now, SecureRandom random) throws IOException {
        Files.createDirectories(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        SigningKey rootKey = SigningKey.generate(random);
        SigningKey targetsKey = SigningKey.generate(random);
        var root = RootMetadata.withTwoKeys(
                1, now.plus(ROOT_LIFETIME), fleet, rootKey.publicKey(), targetsKey.publicKey());
        byte[] document = SignedDocument.sign(root.toSigned(), List.of(rootKey)).toBytes();
        rootKey.write(folder.resolve(ROOT_KEY));
        targetsKey.write(folder.resolve(TARGETS_KEY));
        Files.write(root(), document, StandardOpenOption.CREATE_NEW);
    }

    /** Reads what is needed to sign a release for {@code fleet}. */
    public Opening open(FleetName fleet, Instant now) throws IOException {
        byte[] document;
        SigningKey targets;
        try {
            document = Files.readAllBytes(root());
            targets = SigningKey.read(folder.resolve(TARGETS_KEY));
        } catch (NoSuchFileException missing) {
            return new Opening.Refused("there is no " + missing.getFile()
                    + ": flotilla init makes new keys; a fleet that has nodes needs the keys that it was made with");
        } catch (IllegalArgumentException unusable) {
            return new Opening.Refused(String.valueOf(unusable.getMessage()));
        }
        return switch (TrustedRoot.of(document, fleet)) {
            case Verification.Refused<TrustedRoot> refused ->
                new Opening.Refused(root() + " can't be used: " + refused.text());
            case Verification.Trusted<TrustedRoot> trusted -> judged(trusted.value(), targets, document, now);
        };
    }

    private Opening judged(TrustedRoot root, SigningKey targets, byte[] document, Instant now) {
        if (!root.metadata().keys(Role.TARGETS).keys().containsValue(targets.publicKey())) {
            return new Opening.Refused(
                    folder.resolve(TARGETS_KEY) + " is not the key that " + root() + " names for releases");
        }
        if (!now.isBefore(root.metadata().expires())) {
            return new Opening.Refused(root() + " has expired on "
                    + root.metadata().expires() + ": nodes take up nothing that it vouches for");
        }
        return new Opening.Opened(root, targets, new RootDocument(document));
    }
}
