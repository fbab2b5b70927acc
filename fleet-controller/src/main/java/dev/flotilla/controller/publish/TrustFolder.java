package dev.flotilla.controller.publish;

import dev.flotilla.agent.disk.Disk;
import dev.flotilla.agent.json.JsonReader;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.agent.trust.Binding;
import dev.flotilla.agent.trust.Delegation;
import dev.flotilla.agent.trust.KeyId;
import dev.flotilla.agent.trust.KeyRing;
import dev.flotilla.agent.trust.MetadataFile;
import dev.flotilla.agent.trust.PublicKey;
import dev.flotilla.agent.trust.Role;
import dev.flotilla.agent.trust.RootMetadata;
import dev.flotilla.agent.trust.SignedDocument;
import dev.flotilla.agent.trust.SigningKey;
import dev.flotilla.agent.trust.TrustLimits;
import dev.flotilla.vocabulary.ByteSize;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The folder with a fleet's trust. Nobody else builds a path in it. Whatever is written is whole or not there, so that it is
 * good wherever a program was killed.
 *
 * <pre>
 * ‹role›.key, ‹role›-‹n›.key    private keys: root, targets, snapshot, timestamp, wheels, intents. Those of root and
 *                               targets can be kept elsewhere
 * ‹role›.pub, …                 their public halves
 * roots/‹n›.root.json           every root that is signed as it has to be: the fleet's chain of trust
 * root.json                     the newest of them, which nodes are given
 * staged/                       metadata that still lack signatures
 * </pre>
 */
public final class TrustFolder {
    public static final String ROOT = "root.json";
    private static final ByteSize LARGEST_KEY = ByteSize.ofKiB(16);
    private static final String PRIVATE = ".key";
    private static final String PUBLIC = ".pub";

    private final Path folder;

    public TrustFolder(Path folder) {
        this.folder = folder;
    }

    /** What nodes are given. It is there after the first publication. */
    public Path root() {
        return folder.resolve(ROOT);
    }

    public Path path() {
        return folder;
    }

    /** The names of the keys that a new fleet has. */
    static List<String> names() {
        List<String> names = new ArrayList<>();
        for (Role role : Role.values()) {
            names.add(role.metadataName());
        }
        names.add(Delegation.WHEELS);
        names.add(Delegation.INTENTS);
        return names;
    }

    /** The file of a private key. */
    public Path key(String name) {
        return folder.resolve(name + PRIVATE);
    }

    /** What {@link #create} would have to overwrite. */
    public List<Path> present() throws IOException {
        List<Path> present = new ArrayList<>(Signers.files(folder, PRIVATE));
        present.addAll(Signers.files(folder, PUBLIC));
        if (Files.exists(roots())) {
            present.add(roots());
        }
        return present;
    }

    /** Whether there are the keys of a new fleet and nothing else: {@link #create} has been here, and nobody after it. */
    public boolean isFresh() throws IOException {
        return !Files.exists(roots())
                && names().stream()
                        .allMatch(name -> Files.exists(key(name)) && Files.exists(folder.resolve(name + PUBLIC)));
    }

    /**
     * Makes a key for each role, in a folder that is there as a whole or not at all. Fails rather than overwrite anything.
     * The first root is made of them when something is published, for the fleet, bucket and zone that there are then.
     */
    public void create(SecureRandom random) throws IOException {
        Path home = folder.toAbsolutePath().normalize();
        if (Files.exists(home) && !isEmpty(home)) {
            throw new FileAlreadyExistsException(home.toString());
        }
        Path parent = Optional.ofNullable(home.getParent()).orElse(home);
        Files.createDirectories(parent);
        Path partial = Files.createTempDirectory(parent, Disk.PARTIAL);
        try {
            var fresh = new TrustFolder(partial);
            for (String name : names()) {
                fresh.generate(name, random);
            }
            Files.writeString(partial.resolve(".gitignore"), "*.key\n");
            Disk.sync(partial);
            Disk.move(partial, home);
        } finally {
            Disk.remove(partial);
        }
    }

    private static boolean isEmpty(Path home) throws IOException {
        try (Stream<Path> entries = Files.list(home)) {
            return entries.findAny().isEmpty();
        }
    }

    /** Makes one key under a name that none has yet. The private half is there before the public one. */
    public PublicKey generate(String name, SecureRandom random) throws IOException {
        Files.createDirectories(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        SigningKey key = SigningKey.generate(random);
        key.write(key(name));
        Disk.replace(
                folder.resolve(name + PUBLIC), JsonWriter.bytes(key.publicKey().toJson()));
        return key.publicKey();
    }

    /** Makes a key that takes the place of all that are here under a role's name; their files are set aside, not removed. */
    public PublicKey replace(String role, SecureRandom random) throws IOException {
        List<Path> before = new ArrayList<>();
        for (Path file : Signers.files(folder, PUBLIC)) {
            String name = String.valueOf(file.getFileName());
            if (name.equals(role + PUBLIC) || name.startsWith(role + "-")) {
                before.add(file);
            }
        }
        String name = role;
        for (int i = 2; Files.exists(key(name)); i++) {
            name = role + "-" + i;
        }
        PublicKey key = generate(name, random);
        for (Path file : before) {
            Disk.move(file, file.resolveSibling(file.getFileName() + ".old"));
        }
        return key;
    }

    /** Reads a public key as {@link #generate} writes it; {@link IllegalArgumentException} where the file holds none. */
    public static PublicKey readPublic(Path file) throws IOException {
        try {
            return PublicKey.parse(new JsonReader(LARGEST_KEY).object(Files.readAllBytes(file)));
        } catch (IllegalArgumentException malformed) {
            throw new IllegalArgumentException(
                    "the file " + file + " holds no public key: " + malformed.getMessage(), malformed);
        }
    }

    /** The public halves of all keys of a role that are here, by the names of their files. */
    List<PublicKey> publicKeys(String role) throws IOException {
        List<PublicKey> keys = new ArrayList<>();
        for (Path file : Signers.files(folder, PUBLIC)) {
            String name = String.valueOf(file.getFileName());
            String bare = name.substring(0, name.length() - PUBLIC.length());
            if (bare.equals(role) || bare.startsWith(role + "-")) {
                keys.add(readPublic(file));
            }
        }
        return keys;
    }

    /** A root that is signed as it has to be, and its document. */
    record Root(RootMetadata metadata, SignedDocument document) {
        byte[] bytes() {
            return document.toBytes();
        }
    }

    /** All roots from the first to the newest, each judged by the one before. */
    List<Root> chain() throws IOException {
        settleStagedRoot();
        return stored();
    }

    private List<Root> stored() throws IOException {
        List<Root> chain = new ArrayList<>();
        while (Files.exists(rootFile(chain.size() + 1L))) {
            Path file = rootFile(chain.size() + 1L);
            Root root = readRoot(file);
            Optional<String> lacking = lacking(root, chain.isEmpty() ? Optional.empty() : Optional.of(chain.getLast()));
            if (lacking.isPresent() || root.metadata().version() != chain.size() + 1L) {
                throw new IllegalArgumentException(file + " can't be used: "
                        + lacking.orElse("it is version " + root.metadata().version()));
            }
            chain.add(root);
        }
        if (!chain.isEmpty() && !isCurrent(chain.getLast())) {
            Disk.replace(root(), chain.getLast().bytes());
        }
        return chain;
    }

    private boolean isCurrent(Root newest) throws IOException {
        return Files.exists(root()) && Arrays.equals(Files.readAllBytes(root()), newest.bytes());
    }

    private static Root readRoot(Path file) throws IOException {
        try {
            var document = SignedDocument.parse(Files.readAllBytes(file), TrustLimits.USUAL.root());
            return new Root(RootMetadata.parse(document.signed()), document);
        } catch (IllegalArgumentException malformed) {
            throw new IllegalArgumentException(file + " can't be used: " + malformed.getMessage(), malformed);
        }
    }

    /** Which signatures a root still lacks: its own keys have to sign it, and those of the root before. */
    static Optional<String> lacking(Root root, Optional<Root> before) {
        return lacking(root.document(), root.metadata().keys(Role.ROOT), "its own root keys")
                .or(() -> before.flatMap(old -> lacking(
                        root.document(),
                        old.metadata().keys(Role.ROOT),
                        "the root keys of version " + old.metadata().version())));
    }

    static Optional<String> lacking(SignedDocument document, KeyRing ring, String whose) {
        int signers = document.signers(ring);
        return signers >= ring.threshold()
                ? Optional.empty()
                : Optional.of("it is signed by " + signers + " of " + whose + ", and " + ring.threshold()
                        + " have to sign it");
    }

    /** Takes a root that has all its signatures by now into the chain. */
    private void settleStagedRoot() throws IOException {
        List<Root> chain = stored();
        Path staged = staged(MetadataFile.of(Role.ROOT, chain.size() + 1L));
        if (Files.exists(staged)) {
            Root root = readRoot(staged);
            if (lacking(root, chain.isEmpty() ? Optional.empty() : Optional.of(chain.getLast()))
                    .isEmpty()) {
                Files.createDirectories(roots());
                Disk.move(staged, rootFile(root.metadata().version()));
            }
        }
    }

    /** Writes a root of the next version: into the chain where it has all signatures, or else among what is staged. */
    Path add(Root root, Optional<Root> before) throws IOException {
        boolean whole = lacking(root, before).isEmpty();
        Path file = whole
                ? rootFile(root.metadata().version())
                : staged(MetadataFile.of(Role.ROOT, root.metadata().version()));
        Files.createDirectories(whole ? roots() : folder.resolve("staged"));
        Disk.replace(file, root.bytes());
        if (whole) {
            Disk.replace(root(), root.bytes());
        }
        return file;
    }

    /** The rings of a fleet's first root: all keys of each role that are here, of which one is enough. */
    Map<Role, KeyRing> firstRings() throws IOException {
        Map<Role, KeyRing> rings = new EnumMap<>(Role.class);
        for (Role role : Role.values()) {
            Map<KeyId, PublicKey> ring = new HashMap<>();
            publicKeys(role.metadataName()).forEach(key -> ring.put(key.id(), key));
            if (ring.isEmpty()) {
                throw new IllegalArgumentException(
                        "there is no " + folder.resolve(role.metadataName() + PUBLIC)
                                + ": flotilla init makes new keys; a fleet that has nodes needs the keys that it was made with");
            }
            rings.put(role, new KeyRing(ring, 1));
        }
        return rings;
    }

    /** Where metadata wait for signatures. */
    public Path staged(MetadataFile file) {
        return folder.resolve("staged").resolve(file.name());
    }

    /** All metadata that wait for signatures. */
    List<Path> staged() throws IOException {
        return Signers.files(folder.resolve("staged"), ".json");
    }

    void stage(MetadataFile file, SignedDocument document) throws IOException {
        Files.createDirectories(folder.resolve("staged"));
        Disk.replace(staged(file), document.toBytes());
    }

    private Path roots() {
        return folder.resolve("roots");
    }

    private Path rootFile(long version) {
        return roots().resolve(MetadataFile.of(Role.ROOT, version).name());
    }

    /** What is different between what a root is made for and what it should be made for. */
    static Optional<String> difference(RootMetadata root, Binding wanted) {
        return root.binding().filter(wanted::equals).isPresent()
                ? Optional.empty()
                : Optional.of("root " + root.version() + " is made for "
                        + root.binding().map(Binding::toString).orElse("nobody") + ", and fleet.conf says " + wanted);
    }

    @Override
    public String toString() {
        return folder.toString();
    }
}
