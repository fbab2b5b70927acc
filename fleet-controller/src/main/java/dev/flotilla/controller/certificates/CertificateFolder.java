package dev.flotilla.controller.certificates;

import dev.flotilla.agent.disk.Disk;
import dev.flotilla.controller.fleet.DnsName;
import dev.flotilla.vocabulary.RegionName;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Where the account's key and the regions' certificates lie. {@code ‹region›/current} is a link to a folder with {@code
 * certificate.pem} and {@code key.pem}: both change at once, and killed anywhere there is the pair before or the new one. Folders are
 * their owner's alone (mode 700), files too (600). For the holder of the fleet's lock where it writes.
 */
public final class CertificateFolder {
    private static final String CERTIFICATE = "certificate.pem";
    private static final String KEY = "key.pem";
    private static final String ACCOUNT_FILE = "account.pem";
    private static final String AUTHORITIES = "authority.pem";
    private static final String PUBLIC = "PUBLIC KEY";
    private static final String PRIVATE = "PRIVATE KEY";
    private static final String CURVE = "secp256r1";

    private final Path folder;

    public CertificateFolder(Path folder) {
        this.folder = folder;
    }

    /** The link to a region's pair of files. */
    public Path current(RegionName region) {
        return folder.resolve(region.value()).resolve("current");
    }

    /** Where a region's chain is, behind a link: a server that has read it looks again. */
    public Path chainFile(RegionName region) {
        return current(region).resolve(CERTIFICATE);
    }

    /** Where its key is. */
    public Path keyFile(RegionName region) {
        return current(region).resolve(KEY);
    }

    /** How a region's certificate stands for these names; a key that isn't there or is another one's is as bad as none. */
    public Standing standing(RegionName region, Set<DnsName> names, Instant now) throws IOException {
        Path file = current(region).resolve(CERTIFICATE);
        if (Files.notExists(file)) {
            return new Standing.Missing("there is none yet");
        }
        X509Certificate certificate;
        try {
            certificate = parsed(file);
        } catch (CertificateException unreadable) {
            return new Standing.Missing(file + " can't be read: " + unreadable.getMessage());
        }
        Path key = current(region).resolve(KEY);
        Optional<String> unfit = unfit(key, certificate.getPublicKey());
        return unfit.isPresent()
                ? new Standing.Missing("the key in " + key + " " + unfit.get()
                        + ": put it back from a copy, or have another pair issued")
                : Standing.of(certificate, names, now);
    }

    /** Why what that file holds isn't the secret half of that key; absent where it is. */
    private static Optional<String> unfit(Path file, PublicKey open) throws IOException {
        if (Files.notExists(file)) {
            return Optional.of("is missing");
        }
        try {
            PrivateKey secret = KeyFactory.getInstance(open.getAlgorithm())
                    .generatePrivate(new PKCS8EncodedKeySpec(bytes(Files.readString(file), PRIVATE)));
            byte[] said = "one pair".getBytes(StandardCharsets.US_ASCII);
            Signature signature =
                    Signature.getInstance(open.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA");
            signature.initSign(secret);
            signature.update(said);
            byte[] signed = signature.sign();
            signature.initVerify(open);
            signature.update(said);
            return signature.verify(signed) ? Optional.empty() : Optional.of("is another certificate's");
        } catch (GeneralSecurityException | IllegalArgumentException | CharacterCodingException unreadable) {
            return Optional.of("can't be read (" + unreadable.getMessage() + ")");
        }
    }

    /** What clients see first of a region's chain; absent where there is none that can be read. */
    public Optional<X509Certificate> certificate(RegionName region) throws IOException {
        Path file = current(region).resolve(CERTIFICATE);
        try {
            return Files.notExists(file) ? Optional.empty() : Optional.of(parsed(file));
        } catch (CertificateException unreadable) {
            return Optional.empty();
        }
    }

    private static X509Certificate parsed(Path file) throws IOException, CertificateException {
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(file)));
    }

    /** Below a folder of certificates, where clients find what they are to trust, if the fleet is its own authority. */
    public static Path authorities(Path folder) {
        return folder.resolve(AUTHORITIES);
    }

    /** The fleet's own authorities; none where they are damaged, too. */
    List<X509Certificate> authorities() throws IOException {
        Path file = authorities(folder);
        if (Files.notExists(file)) {
            return List.of();
        }
        try {
            return CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file)))
                    .stream()
                    .map(X509Certificate.class::cast)
                    .toList();
        } catch (CertificateException unreadable) {
            return List.of();
        }
    }

    void replaceAuthorities(List<X509Certificate> authorities) throws IOException {
        makeOwn(folder);
        Disk.replace(authorities(folder), pem(authorities));
    }

    /** A region's chain and its key as one file, as nodes have them; absent where there is none. */
    public Optional<String> bundle(RegionName region) throws IOException {
        Path link = current(region);
        if (Files.notExists(link)) {
            return Optional.empty();
        }
        // Looked through once: both are of the same pair.
        Path pair = link.toRealPath();
        return Optional.of(Files.readString(pair.resolve(CERTIFICATE)) + Files.readString(pair.resolve(KEY)));
    }

    /** A new pair of keys: ECDSA with P-256, which every client of the last ten years takes. */
    static KeyPair newKey() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(CURVE));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("Java has no " + CURVE, missing);
        }
    }

    /** The account's key; made, and on disk, before anybody hears of it. */
    KeyPair account() throws IOException {
        makeOwn(folder);
        Path file = folder.resolve(ACCOUNT_FILE);
        if (Files.notExists(file)) {
            KeyPair made = newKey();
            String text = pem(PUBLIC, made.getPublic().getEncoded())
                    + pem(PRIVATE, made.getPrivate().getEncoded());
            Disk.replace(file, text.getBytes(StandardCharsets.US_ASCII));
        }
        try {
            String text = Files.readString(file);
            var keys = KeyFactory.getInstance("EC");
            return new KeyPair(
                    keys.generatePublic(new X509EncodedKeySpec(bytes(text, PUBLIC))),
                    keys.generatePrivate(new PKCS8EncodedKeySpec(bytes(text, PRIVATE))));
        } catch (GeneralSecurityException | IllegalArgumentException damaged) {
            throw new IOException(
                    "the key of the ACME account in " + file + " can't be read (" + damaged.getMessage()
                            + "): put it back from a copy, or move it away, and another account is made",
                    damaged);
        }
    }

    /** Puts a pair in the place of the one before. */
    public void replace(RegionName region, KeyPair key, List<X509Certificate> chain) throws IOException {
        Path link = current(region);
        Path home = folder.resolve(region.value());
        makeOwn(folder);
        makeOwn(home);
        Path pair = Files.createTempDirectory(home, "pair-");
        Disk.replace(pair.resolve(CERTIFICATE), pem(chain));
        Disk.replace(
                pair.resolve(KEY), pem(PRIVATE, key.getPrivate().getEncoded()).getBytes(StandardCharsets.US_ASCII));
        Disk.sync(home);
        Disk.link(link, pair.getFileName());
        // What is left is the pair before, and what killed controllers have begun.
        try (DirectoryStream<Path> pairs = Files.newDirectoryStream(home, "pair-*")) {
            for (Path other : pairs) {
                if (!other.equals(pair)) {
                    Disk.remove(other);
                }
            }
        }
    }

    /** Makes the folder, and those above it, its owner's alone. One that is there already may be read by others, but nobody else may put files into it. */
    private static void makeOwn(Path folder) throws IOException {
        if (Files.notExists(folder)) {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } else if (!Files.isDirectory(folder)) {
            throw new IOException("certificates can't be kept in " + folder + ": it is no folder");
        }
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(folder);
        if (permissions.contains(PosixFilePermission.GROUP_WRITE)
                || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new IOException("certificates aren't kept in " + folder
                    + ", where other users of this machine may write: chmod go-w " + folder);
        }
    }

    private static byte[] pem(List<X509Certificate> certificates) throws IOException {
        var text = new StringBuilder();
        try {
            for (X509Certificate certificate : certificates) {
                text.append(pem("CERTIFICATE", certificate.getEncoded()));
            }
        } catch (GeneralSecurityException impossible) {
            throw new IOException("the certificate can't be written: " + impossible.getMessage(), impossible);
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static String pem(String kind, byte[] content) {
        return "-----BEGIN " + kind + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content)
                + "\n-----END " + kind + "-----\n";
    }

    private static byte[] bytes(String text, String kind) {
        String begin = "-----BEGIN " + kind + "-----";
        int from = text.indexOf(begin);
        int to = text.indexOf("-----END " + kind + "-----");
        if (from < 0 || to < from) {
            throw new IllegalArgumentException("it has no " + kind);
        }
        return Base64.getMimeDecoder().decode(text.substring(from + begin.length(), to));
    }
}
