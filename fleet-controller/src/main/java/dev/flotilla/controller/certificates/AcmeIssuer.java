package dev.flotilla.controller.certificates;

import dev.flotilla.controller.dns.ChallengeRecords;
import dev.flotilla.controller.fleet.CertificateSettings;
import dev.flotilla.controller.fleet.DnsName;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.shredzone.acme4j.Account;
import org.shredzone.acme4j.AccountBuilder;
import org.shredzone.acme4j.Authorization;
import org.shredzone.acme4j.Order;
import org.shredzone.acme4j.Problem;
import org.shredzone.acme4j.Session;
import org.shredzone.acme4j.Status;
import org.shredzone.acme4j.challenge.Dns01Challenge;
import org.shredzone.acme4j.connector.NetworkSettings;
import org.shredzone.acme4j.exception.AcmeException;
import org.shredzone.acme4j.exception.AcmeRateLimitedException;
import org.shredzone.acme4j.provider.GenericAcmeProvider;

/** Has certificates issued by an ACME server (RFC 8555), which asks the zone for what proves the names. For the holder of the fleet's lock. */
public final class AcmeIssuer {
    private static final Duration REQUEST = Duration.ofSeconds(30);

    /** Servers ask from several places, and again where they get no answer. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final CertificateSettings settings;
    private final CertificateFolder folder;
    private final ChallengeRecords challenges;
    private final InstantSource clock;
    private final Consumer<String> progress;

    public AcmeIssuer(
            CertificateSettings settings,
            CertificateFolder folder,
            ChallengeRecords challenges,
            InstantSource clock,
            Consumer<String> progress) {
        this.settings = settings;
        this.folder = folder;
        this.challenges = challenges;
        this.clock = clock;
        this.progress = progress;
    }

    /** What came of {@link #issue}. */
    public sealed interface Issuance {
        /** One that serves the names; the chain is the certificate itself, then its issuers. */
        record Issued(KeyPair key, List<X509Certificate> chain) implements Issuance {
            public Issued {
                chain = List.copyOf(chain);
            }
        }

        /** None, and why; further tries now would be refused or do harm where {@code hammering}. */
        record Failed(String reason, boolean hammering) implements Issuance {}
    }

    /**
     * Has one certificate issued for all these names. {@link IOException} where zone or folder fail before it is issued; a proof that can't be
     * taken out of the zone afterwards is told, and nothing else comes of it.
     */
    public Issuance issue(Set<DnsName> names) throws IOException, InterruptedException {
        try {
            return order(names);
        } catch (AcmeRateLimitedException limited) {
            return new Issuance.Failed(
                    settings.directory() + " takes no more for now: " + limited.getMessage()
                            + limited.getRetryAfter()
                                    .map(when -> ". Try again after " + when)
                                    .orElse(". Try again tomorrow"),
                    true);
        } catch (AcmeException failed) {
            return new Issuance.Failed(settings.directory() + ": " + reason(failed), false);
        } finally {
            clean(names);
        }
    }

    /** Takes out what proved the names; also what a killed controller left, where the server believes the names by an earlier proof. */
    private void clean(Set<DnsName> names) throws InterruptedException {
        Optional<String> left;
        try {
            left = challenges.remove(names);
        } catch (IOException failed) {
            left = Optional.of(String.valueOf(failed.getMessage()));
        }
        left.ifPresent(
                why -> progress.accept("what proved the names stays in the zone until the next renewal: " + why));
    }

    private Issuance order(Set<DnsName> names) throws AcmeException, IOException, InterruptedException {
        Session session = session();
        session.networkSettings().setTimeout(REQUEST);
        var builder = new AccountBuilder().agreeToTermsOfService().useKeyPair(folder.account());
        settings.contacts().forEach(builder::addEmail);
        Account account = builder.create(session);
        Order order = account.newOrder()
                .domains(names.stream().map(DnsName::value).toList())
                .create();
        var digests = new LinkedHashMap<DnsName, Set<String>>();
        List<Dns01Challenge> answers = new ArrayList<>();
        List<Authorization> open = new ArrayList<>();
        for (Authorization authorization : order.getAuthorizations()) {
            if (authorization.getStatus() == Status.VALID) {
                continue;
            }
            DnsName name = DnsName.parse(authorization.getIdentifier().getDomain());
            Optional<Dns01Challenge> challenge = authorization.findChallenge(Dns01Challenge.class);
            if (challenge.isEmpty()) {
                return new Issuance.Failed(
                        settings.directory() + " doesn't let " + name + " be proved by DNS (dns-01)", false);
            }
            digests.computeIfAbsent(name, ignored -> new TreeSet<>())
                    .add(challenge.get().getDigest());
            answers.add(challenge.get());
            open.add(authorization);
        }
        if (!digests.isEmpty()) {
            progress.accept("proving " + digests.keySet() + " by DNS");
            switch (challenges.place(digests)) {
                case ChallengeRecords.Placing.Refused refused -> {
                    return new Issuance.Failed(refused.reason(), false);
                }
                case ChallengeRecords.Placing.Placed ignored -> {}
            }
            for (Dns01Challenge answer : answers) {
                answer.trigger();
            }
            for (Authorization authorization : open) {
                if (authorization.waitForCompletion(PATIENCE) != Status.VALID) {
                    return new Issuance.Failed(
                            settings.directory() + " didn't find that "
                                    + authorization.getIdentifier().getDomain() + " is the fleet's: "
                                    + said(authorization
                                            .findChallenge(Dns01Challenge.class)
                                            .flatMap(Dns01Challenge::getError)),
                            false);
                }
            }
        }
        KeyPair key = CertificateFolder.newKey();
        order.waitUntilReady(PATIENCE);
        order.execute(key);
        if (order.waitForCompletion(PATIENCE) != Status.VALID) {
            return new Issuance.Failed(
                    settings.directory() + " issued no certificate: " + said(order.getError()), false);
        }
        return judged(names, key, order.getCertificate().getCertificateChain());
    }

    /** Nothing takes the place of a certificate that serves unless it serves, too. */
    private Issuance judged(Set<DnsName> names, KeyPair key, List<X509Certificate> chain) {
        X509Certificate certificate = chain.getFirst();
        if (!certificate.getPublicKey().equals(key.getPublic())) {
            return new Issuance.Failed(settings.directory() + " has issued a certificate for another key", false);
        }
        return switch (Standing.of(certificate, names, clock.instant())) {
            case Standing.Good ignored -> new Issuance.Issued(key, chain);
            case Standing.Due due ->
                new Issuance.Failed(
                        "what " + settings.directory() + " has issued is of no use: " + due.reason()
                                + ". Is this machine's clock right?",
                        false);
            case Standing.Missing missing -> new Issuance.Failed(missing.reason(), false);
        };
    }

    private static String said(Optional<Problem> problem) {
        return problem.map(Problem::toString)
                .orElse("it doesn't say why, or took longer than " + PATIENCE.toMinutes() + " minutes");
    }

    private static String reason(AcmeException failed) {
        Throwable cause = failed.getCause();
        return failed.getMessage() + (cause == null || cause.getMessage() == null ? "" : ": " + cause.getMessage());
    }

    private Session session() throws IOException {
        Optional<Path> authority = settings.serverAuthority();
        return authority.isEmpty()
                ? new Session(settings.directory())
                : new Session(settings.directory(), new OwnAuthority(context(authority.get())));
    }

    /** Speaks with a server whose own certificate only the fleet's operator vouches for. */
    private static final class OwnAuthority extends GenericAcmeProvider {
        private final SSLContext context;

        OwnAuthority(SSLContext context) {
            this.context = context;
        }

        @Override
        public HttpClient createHttpClient(NetworkSettings network) {
            return HttpClient.newBuilder()
                    .followRedirects(HttpClient.Redirect.NORMAL)
                    .connectTimeout(network.getTimeout())
                    .proxy(network.getProxySelector())
                    .sslContext(context)
                    .build();
        }
    }

    private static SSLContext context(Path file) throws IOException {
        try (InputStream pem = Files.newInputStream(file)) {
            var trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            int number = 0;
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                trusted.setCertificateEntry("authority-" + number++, certificate);
            }
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            var context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException unreadable) {
            throw new IOException(
                    "certificates.server-authority: " + file + " holds no certificates in PEM: "
                            + unreadable.getMessage(),
                    unreadable);
        }
    }
}
