package dev.flotilla.controller.certificates;

import dev.flotilla.controller.fleet.DnsName;
import dev.flotilla.vocabulary.RegionName;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Set;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Certificates for a fleet on one machine, by an authority of its own (RFC 5280) that is good for these names and addresses alone. Its
 * key is never written: it signs once, and with the next certificates comes another authority. For one thread at a time.
 */
public final class LoopbackAuthority {
    /** How long certificates are good; they are made anew when a third of it is left. */
    public static final Duration LIFE = Duration.ofDays(30);

    private static final String SIGNING = "SHA256withECDSA";
    private static final int SERIAL_BITS = 128;

    private final CertificateFolder folder;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();

    public LoopbackAuthority(Path folder, InstantSource clock) {
        this.folder = new CertificateFolder(folder);
        this.clock = clock;
    }

    /** Whom a certificate is for. */
    public record Server(RegionName region, InetAddress address, Set<DnsName> names) {
        public Server {
            names = Set.copyOf(names);
        }

        private List<GeneralName> reached() {
            List<GeneralName> reached = new ArrayList<>();
            names.forEach(name -> reached.add(new GeneralName(GeneralName.dNSName, name.value())));
            reached.add(new GeneralName(GeneralName.iPAddress, new DEROctetString(address.getAddress())));
            return reached;
        }
    }

    /**
     * Makes all certificates anew where one is missing, damaged or has less than a third of its life left. Clients have what they need to
     * trust the next ones before a server shows one; killed anywhere, what is served is trusted.
     *
     * @return whether they are others now
     */
    public boolean renew(List<Server> servers) throws IOException {
        if (!due(servers)) {
            return false;
        }
        Instant begin = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        try {
            KeyPair key = CertificateFolder.newKey();
            X509Certificate authority = authority(key, begin, servers);
            List<X509Certificate> trusted = new ArrayList<>(List.of(authority));
            for (X509Certificate before : folder.authorities()) {
                if (trustedFor(servers, before)) {
                    trusted.add(before);
                }
            }
            folder.replaceAuthorities(trusted);
            for (Server server : servers) {
                KeyPair own = CertificateFolder.newKey();
                folder.replace(server.region(), own, List.of(certificate(server, own, authority, key, begin)));
            }
            return true;
        } catch (GeneralSecurityException | OperatorCreationException impossible) {
            throw new IOException("no certificate can be made: " + impossible.getMessage(), impossible);
        }
    }

    private boolean due(List<Server> servers) throws IOException {
        List<X509Certificate> authorities = folder.authorities();
        for (Server server : servers) {
            boolean good = folder.standing(server.region(), server.names(), clock.instant()) instanceof Standing.Good;
            if (!good || authorities.stream().noneMatch(authority -> trusts(authority, server))) {
                return true;
            }
        }
        return false;
    }

    /** Whether one of the servers still shows what this authority has signed. */
    private boolean trustedFor(List<Server> servers, X509Certificate authority) {
        return servers.stream().anyMatch(server -> trusts(authority, server));
    }

    private boolean trusts(X509Certificate authority, Server server) {
        try {
            var shown = folder.certificate(server.region());
            if (shown.isEmpty()) {
                return false;
            }
            shown.get().verify(authority.getPublicKey());
            return true;
        } catch (GeneralSecurityException | IOException another) {
            return false;
        }
    }

    private X509Certificate authority(KeyPair key, Instant begin, List<Server> servers)
            throws IOException, GeneralSecurityException, OperatorCreationException {
        var name = new X500Principal("CN=Flotilla on this machine " + begin);
        GeneralSubtree[] permitted = servers.stream()
                .flatMap(server -> server.reached().stream())
                .distinct()
                .map(reached -> new GeneralSubtree(subtree(reached)))
                .toArray(GeneralSubtree[]::new);
        var builder = builder(name, name, key, begin)
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
                .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
                .addExtension(Extension.nameConstraints, true, new NameConstraints(permitted, null))
                .addExtension(
                        Extension.subjectKeyIdentifier,
                        false,
                        new JcaX509ExtensionUtils().createSubjectKeyIdentifier(key.getPublic()));
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder(SIGNING).build(key.getPrivate())));
    }

    /** Of an address, RFC 5280 (section 4.2.1.10) wants the mask behind it. */
    private static GeneralName subtree(GeneralName name) {
        if (name.getTagNo() != GeneralName.iPAddress) {
            return name;
        }
        byte[] address = DEROctetString.getInstance(name.getName()).getOctets();
        byte[] masked = Arrays.copyOf(address, 2 * address.length);
        Arrays.fill(masked, address.length, masked.length, (byte) 0xff);
        return new GeneralName(GeneralName.iPAddress, new DEROctetString(masked));
    }

    private X509Certificate certificate(
            Server server, KeyPair key, X509Certificate authority, KeyPair signer, Instant begin)
            throws IOException, GeneralSecurityException, OperatorCreationException {
        var identifiers = new JcaX509ExtensionUtils();
        var names = new GeneralNames(server.reached().toArray(GeneralName[]::new));
        var builder = builder(
                        authority.getSubjectX500Principal(),
                        new X500Principal("CN=Flotilla " + server.region()),
                        key,
                        begin)
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))
                .addExtension(Extension.subjectAlternativeName, false, names)
                .addExtension(
                        Extension.subjectKeyIdentifier, false, identifiers.createSubjectKeyIdentifier(key.getPublic()))
                .addExtension(
                        Extension.authorityKeyIdentifier,
                        false,
                        identifiers.createAuthorityKeyIdentifier(signer.getPublic()));
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder(SIGNING).build(signer.getPrivate())));
    }

    private JcaX509v3CertificateBuilder builder(
            X500Principal issuer, X500Principal subject, KeyPair key, Instant begin) {
        return new JcaX509v3CertificateBuilder(
                issuer,
                new BigInteger(SERIAL_BITS, random).setBit(0),
                Date.from(begin),
                Date.from(begin.plus(LIFE)),
                subject,
                key.getPublic());
    }
}
