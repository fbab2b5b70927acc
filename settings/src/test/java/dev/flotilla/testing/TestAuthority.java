package dev.flotilla.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A certificate authority of a test's own, by the JDK's keytool. */
public final class TestAuthority {
    private static final String PASSWORD = "changeit";

    private final Path folder;
    private final Path store;
    private int issued;

    private TestAuthority(Path folder, Path store) {
        this.folder = folder;
        this.store = store;
    }

    /**
     * A fresh one.
     *
     * @param name tells its files and its certificate from those of others
     */
    public static TestAuthority in(Path folder, String name) throws IOException, InterruptedException {
        var authority = new TestAuthority(folder, folder.resolve(name + ".p12"));
        authority.generate("authority", "CN=" + name, List.of("-ext", "bc:c", "-ext", "KeyUsage=keyCertSign"));
        return authority;
    }

    /** Its certificate as operators pass it on (RFC 7468), with a remark above it, as bundles have. */
    public Path certificate() throws IOException, GeneralSecurityException {
        byte[] encoded = keys().getCertificate("authority").getEncoded();
        return Files.writeString(
                folder.resolve(store.getFileName() + ".pem"),
                "# an authority of our own\n" + pem("CERTIFICATE", encoded));
    }

    /**
     * Writes a server's certificate for {@code 127.0.0.1} and {@code localhost}, with the authority's behind it, and its key without a
     * passphrase, each in place of what was there.
     *
     * @param more what else keytool is to know
     */
    public void writeServer(Path certificate, Path key, String... more) throws Exception {
        writeServerOf("ip:127.0.0.1,dns:localhost", certificate, key, more);
    }

    /** The same for other names, as keytool has them: {@code dns:mirror.example.org,ip:192.0.2.1}. */
    public void writeServerOf(String names, Path certificate, Path key, String... more) throws Exception {
        String alias = issue(names, List.of(more));
        KeyStore keys = keys();
        var chain = new StringBuilder();
        for (Certificate link : keys.getCertificateChain(alias)) {
            chain.append(pem("CERTIFICATE", link.getEncoded()));
        }
        Files.writeString(certificate, chain);
        Files.writeString(
                key,
                pem("PRIVATE KEY", keys.getKey(alias, PASSWORD.toCharArray()).getEncoded()));
    }

    /** A client that believes this authority and no other. */
    public SSLContext client() throws Exception {
        var trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("authority", keys().getCertificate("authority"));
        var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        var context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }

    /** As RFC 7468 has it. */
    private static String pem(String label, byte[] encoded) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                        .encodeToString(encoded)
                + "\n-----END " + label + "-----\n";
    }

    /** A server for {@code 127.0.0.1}. */
    public SSLContext server() throws Exception {
        return server("ip:127.0.0.1", List.of());
    }

    /** A server whose certificate is for another name. */
    public SSLContext serverOfAnotherName() throws Exception {
        return server("dns:other.example", List.of());
    }

    /** A server whose certificate has ended. */
    public SSLContext lateServer() throws Exception {
        return server("ip:127.0.0.1", List.of("-startdate", "-20d", "-validity", "10"));
    }

    private SSLContext server(String name, List<String> more) throws Exception {
        String alias = issue(name, more);
        var one = KeyStore.getInstance("PKCS12");
        one.load(null, null);
        KeyStore all = keys();
        one.setKeyEntry(
                alias,
                all.getKey(alias, PASSWORD.toCharArray()),
                PASSWORD.toCharArray(),
                all.getCertificateChain(alias));
        var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(one, PASSWORD.toCharArray());
        var context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }

    private String issue(String names, List<String> more) throws IOException, InterruptedException {
        String alias = "server-" + ++issued;
        List<String> options = new ArrayList<>(List.of("-signer", "authority", "-ext", "san=" + names));
        options.addAll(more);
        generate(alias, "CN=server", options);
        return alias;
    }

    private KeyStore keys() throws IOException, GeneralSecurityException {
        var keys = KeyStore.getInstance("PKCS12");
        try (InputStream file = Files.newInputStream(store)) {
            keys.load(file, PASSWORD.toCharArray());
        }
        return keys;
    }

    private void generate(String alias, String subject, List<String> more) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-J-XX:TieredStopAtLevel=1",
                "-genkeypair",
                "-alias",
                alias,
                "-dname",
                subject,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD));
        command.addAll(more);
        Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (keytool.waitFor() != 0) {
            throw new IOException("keytool: " + said);
        }
    }
}
