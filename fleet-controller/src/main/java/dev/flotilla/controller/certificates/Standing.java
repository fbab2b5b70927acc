package dev.flotilla.controller.certificates;

import dev.flotilla.controller.fleet.DnsName;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** How a certificate stands at some time, for the names that it is to be for. */
public sealed interface Standing {
    /** Of a certificate's life, the last third is for renewing it: so do ACME clients since Let's Encrypt began. */
    int PART_FOR_RENEWAL = 3;

    /** When it ends. */
    Optional<Instant> ends();

    /** One line for people. */
    String line();

    /** It needs nothing. */
    record Good(Instant end) implements Standing {
        @Override
        public Optional<Instant> ends() {
            return Optional.of(end);
        }

        @Override
        public String line() {
            return "good until " + end;
        }
    }

    /** It has to be renewed, or doesn't serve its names. */
    record Due(String reason, Instant end) implements Standing {
        @Override
        public Optional<Instant> ends() {
            return Optional.of(end);
        }

        @Override
        public String line() {
            return reason;
        }
    }

    /** There is none, or none that can be read. */
    record Missing(String reason) implements Standing {
        @Override
        public Optional<Instant> ends() {
            return Optional.empty();
        }

        @Override
        public String line() {
            return reason;
        }
    }

    /** Judges a certificate. */
    static Standing of(X509Certificate certificate, Set<DnsName> names, Instant now) {
        Instant begin = certificate.getNotBefore().toInstant();
        Instant end = certificate.getNotAfter().toInstant();
        Set<String> missing = new TreeSet<>();
        names.forEach(name -> missing.add(name.value()));
        missing.removeAll(namesOf(certificate));
        if (!missing.isEmpty()) {
            return new Due("it is not for " + String.join(", ", missing), end);
        }
        if (now.isAfter(end)) {
            return new Due("it ended at " + end, end);
        }
        if (now.isBefore(begin)) {
            return new Due("it begins only at " + begin, end);
        }
        Duration forRenewal = Duration.between(begin, end).dividedBy(PART_FOR_RENEWAL);
        return now.isBefore(end.minus(forRenewal))
                ? new Good(end)
                : new Due("less than a third of its life is left: it ends at " + end, end);
    }

    private static List<String> namesOf(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            // Of the kinds in RFC 5280, section 4.2.1.6, 2 is a DNS name.
            return names == null
                    ? List.of()
                    : names.stream()
                            .filter(name -> Integer.valueOf(2).equals(name.getFirst()))
                            .map(name -> String.valueOf(name.get(1)))
                            .toList();
        } catch (CertificateParsingException unreadable) {
            return List.of();
        }
    }
}
