package dev.flotilla.controller.publish;

import dev.flotilla.agent.trust.KeyRing;
import dev.flotilla.agent.trust.PublicKey;
import dev.flotilla.agent.trust.SigningKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The private keys at hand: every {@code *.key} of some folders. Which role a key may sign for, the root says. Immutable. */
final class Signers {
    private final Map<PublicKey, Named> keys;

    /** A key and the file that holds it. */
    record Named(Path file, SigningKey key) {}

    private Signers(Map<PublicKey, Named> keys) {
        this.keys = keys;
    }

    /** Reads all keys; {@link IllegalArgumentException} where a file holds none or is open to others. */
    static Signers in(List<Path> folders) throws IOException {
        Map<PublicKey, Named> keys = new LinkedHashMap<>();
        for (Path folder : folders) {
            for (Path file : files(folder, ".key")) {
                SigningKey key = SigningKey.read(file);
                keys.putIfAbsent(key.publicKey(), new Named(file, key));
            }
        }
        return new Signers(keys);
    }

    static List<Path> files(Path folder, String ending) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(file -> String.valueOf(file.getFileName()).endsWith(ending))
                    .sorted()
                    .toList();
        }
    }

    /** The keys at hand that may sign for a role. */
    List<SigningKey> of(KeyRing ring) {
        List<SigningKey> able = new ArrayList<>();
        ring.keys().values().stream()
                .distinct()
                .forEach(known -> Optional.ofNullable(keys.get(known)).ifPresent(named -> able.add(named.key())));
        return able;
    }

    boolean meet(KeyRing ring) {
        return of(ring).size() >= ring.threshold();
    }

    Optional<Path> file(PublicKey key) {
        return Optional.ofNullable(keys.get(key)).map(Named::file);
    }
}
