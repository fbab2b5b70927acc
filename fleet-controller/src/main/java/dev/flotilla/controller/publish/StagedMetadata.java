package dev.flotilla.controller.publish;

import dev.flotilla.agent.disk.Disk;
import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.trust.Binding;
import dev.flotilla.agent.trust.KeyRing;
import dev.flotilla.agent.trust.Role;
import dev.flotilla.agent.trust.RootMetadata;
import dev.flotilla.agent.trust.SignedDocument;
import dev.flotilla.agent.trust.SigningKey;
import dev.flotilla.agent.trust.TargetsMetadata;
import dev.flotilla.agent.trust.TrustLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A root or a release that waits for signatures, for people who look at it before they sign. Immutable. */
public final class StagedMetadata {
    private final SignedDocument document;
    private final List<String> meaning;

    private StagedMetadata(SignedDocument document, List<String> meaning) {
        this.document = document;
        this.meaning = meaning;
    }

    /** Reads the file; {@link IllegalArgumentException} where it holds neither. */
    public static StagedMetadata read(Path file) throws IOException {
        try {
            return of(SignedDocument.parse(Files.readAllBytes(file), TrustLimits.USUAL.targets()));
        } catch (IllegalArgumentException malformed) {
            throw new IllegalArgumentException(
                    file + " holds no root and no release: " + malformed.getMessage(), malformed);
        }
    }

    private static StagedMetadata of(SignedDocument document) {
        boolean root = document.signed().text("_type").equals(Role.ROOT.metadataName());
        return new StagedMetadata(
                document,
                root
                        ? meaning(RootMetadata.parse(document.signed()))
                        : meaning(TargetsMetadata.parse(document.signed())));
    }

    private static List<String> meaning(RootMetadata root) {
        List<String> lines = new ArrayList<>();
        lines.add("root " + root.version() + " for "
                + root.binding().map(Binding::toString).orElse("nobody") + ", until " + root.expires());
        for (Role role : Role.values()) {
            KeyRing ring = root.keys(role);
            lines.add(String.format(
                    Locale.ROOT,
                    "  %-9s %d of %s",
                    role.metadataName(),
                    ring.threshold(),
                    ring.keys().keySet().stream().sorted().map(Object::toString).collect(Collectors.joining(", "))));
        }
        return lines;
    }

    private static List<String> meaning(TargetsMetadata targets) {
        List<String> lines = new ArrayList<>();
        lines.add("release " + targets.version() + ", until " + targets.expires());
        targets.targets().forEach((path, file) -> lines.add("  " + path + " " + file.sha256() + " " + file.length()));
        return lines;
    }

    /** With the signatures of these keys, too. */
    public StagedMetadata signedWith(List<Path> keys) throws IOException {
        List<SigningKey> signers = new ArrayList<>();
        for (Path key : keys) {
            signers.add(SigningKey.read(key));
        }
        return new StagedMetadata(document.signedAlsoBy(signers), meaning);
    }

    public void write(Path file) throws IOException {
        Disk.replace(file, document.toBytes());
    }

    /** What it means and who has signed it, for people. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>(meaning);
        lines.add("signed by " + (document.signatures().isEmpty() ? "nobody" : String.join(", ", signers())));
        return lines;
    }

    public JsonObject toJson() {
        return JsonObject.EMPTY
                .with("type", document.signed().text("_type"))
                .with("version", document.signed().whole("version"))
                .with(
                        "signatures",
                        new Json.Sequence(
                                signers().stream().<Json>map(Json.Text::new).toList()));
    }

    private List<String> signers() {
        return document.signatures().stream()
                .map(entry -> entry.keyId().toString())
                .toList();
    }
}
