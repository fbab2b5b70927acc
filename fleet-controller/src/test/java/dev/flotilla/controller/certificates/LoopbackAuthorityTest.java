package dev.flotilla.controller.certificates;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.controller.certificates.LoopbackAuthority.Server;
import dev.flotilla.controller.fleet.DnsName;
import dev.flotilla.vocabulary.RegionName;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoopbackAuthorityTest {
    private static final Instant BEGIN = Instant.parse("2026-11-23T09:00:00Z");
    private static final DnsName NAME = DnsName.parse("mirror.flotilla.test");
    private static final Server EAST = server("east", "127.0.1.1");
    private static final Server WEST = server("west", "127.0.2.1");

    @TempDir
    private Path parent;

    private Path folder = Path.of("/");

    @BeforeEach
    void choose() {
        folder = parent.resolve("certificates");
    }

    @Test
    void keysAreTheirOwnersAloneAndTheAuthoritysIsNowhere() throws Exception {
        assertThat(renewed(Duration.ZERO)).isTrue();
        var files = new CertificateFolder(folder);
        assertThat(files.keyFile(EAST.region())).content().contains("PRIVATE KEY");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(files.keyFile(EAST.region()))))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                .isEqualTo("rwx------");
        try (Stream<Path> all = Files.walk(folder)) {
            assertThat(all.filter(Files::isRegularFile)
                            .map(file -> folder.relativize(file).toString().replaceFirst("pair-[0-9]+", "pair")))
                    .containsExactlyInAnyOrder(
                            "authority.pem",
                            "east/pair/certificate.pem",
                            "east/pair/key.pem",
                            "west/pair/certificate.pem",
                            "west/pair/key.pem");
        }
        assertThat(CertificateFolder.authorities(folder)).content().doesNotContain("KEY");
    }

    @Test
    void certificatesStayUntilAThirdOfTheirLifeIsLeftAndAreAllOthersThen() throws Exception {
        renewed(Duration.ZERO);
        X509Certificate first = shown(EAST);
        assertThat(renewed(Duration.ofDays(20).minusSeconds(1))).isFalse();
        assertThat(shown(EAST)).isEqualTo(first);
        assertThat(renewed(Duration.ofDays(20))).isTrue();
        assertThat(shown(EAST).getNotAfter().toInstant()).isEqualTo(BEGIN.plus(Duration.ofDays(50)));
        assertThat(shown(WEST).getNotBefore().toInstant()).isEqualTo(BEGIN.plus(Duration.ofDays(20)));
        // A mirror shows the one before until its next look: who comes then trusts both.
        List<X509Certificate> trusted = new CertificateFolder(folder).authorities();
        assertThat(trusted).hasSize(2);
        shown(EAST).verify(trusted.getFirst().getPublicKey());
        first.verify(trusted.getLast().getPublicKey());
        renewed(Duration.ofDays(40));
        assertThat(new CertificateFolder(folder).authorities()).hasSize(2);
    }

    @Test
    void whatIsMissingOrDamagedIsMadeAnew() throws Exception {
        renewed(Duration.ZERO);
        var files = new CertificateFolder(folder);
        Files.delete(files.keyFile(WEST.region()));
        assertThat(renewed(Duration.ZERO)).isTrue();
        Files.writeString(CertificateFolder.authorities(folder), "-----BEGIN CERTIFICATE-----\n!\n");
        assertThat(renewed(Duration.ZERO)).isTrue();
        Files.delete(CertificateFolder.authorities(folder));
        assertThat(renewed(Duration.ZERO)).isTrue();
        Files.writeString(files.chainFile(EAST.region()), "nothing");
        assertThat(renewed(Duration.ZERO)).isTrue();
        assertThat(renewed(Duration.ZERO)).isFalse();
    }

    @Test
    void theAuthorityIsGoodForTheFleetsNamesAndAddressesAlone() throws Exception {
        renewed(Duration.ZERO);
        X509Certificate authority = new CertificateFolder(folder).authorities().getFirst();
        String oid = Extension.nameConstraints.getId();
        assertThat(authority.getCriticalExtensionOIDs()).contains(oid);
        byte[] extension =
                ASN1OctetString.getInstance(authority.getExtensionValue(oid)).getOctets();
        assertThat(NameConstraints.getInstance(extension).getPermittedSubtrees())
                .extracting(subtree -> subtree.getBase().getName().toString())
                .containsExactlyInAnyOrder(
                        "mirror.flotilla.test",
                        "east.mirror.flotilla.test",
                        "west.mirror.flotilla.test",
                        "#7f000101ffffffff",
                        "#7f000201ffffffff");
        assertThat(authority.getBasicConstraints()).isZero();
        assertThat(shown(EAST).getBasicConstraints()).isNegative();
        assertThat(shown(EAST).getSubjectAlternativeNames())
                .containsExactlyInAnyOrder(
                        List.of(2, "mirror.flotilla.test"),
                        List.of(2, "east.mirror.flotilla.test"),
                        List.of(7, "127.0.1.1"));
    }

    private boolean renewed(Duration later) throws Exception {
        return new LoopbackAuthority(folder, InstantSource.fixed(BEGIN.plus(later))).renew(List.of(EAST, WEST));
    }

    private X509Certificate shown(Server server) throws Exception {
        return new CertificateFolder(folder).certificate(server.region()).orElseThrow();
    }

    private static Server server(String region, String address) {
        return new Server(
                new RegionName(region),
                InetAddress.ofLiteral(address),
                Set.of(NAME, DnsName.parse(region + "." + NAME)));
    }
}
