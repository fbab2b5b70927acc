package dev.flotilla.agent.bucket;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.Optional;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * Whose certificates a bucket's server may show where it is not one that Java knows: those of the authorities in the PEM file that
 * {@code AWS_CA_BUNDLE} names, and of no others, as AWS's own tools have it. The file is read once. Whatever is wrong with it is why every
 * certificate is refused then.
 */
final class Authorities {
    static final String VARIABLE = "AWS_CA_BUNDLE";

    private Authorities() {}

    /** The file that the environment names. */
    static Optional<Path> named() {
        return Optional.ofNullable(System.getenv(VARIABLE))
                .filter(name -> !name.isBlank())
                .map(Path::of);
    }

    static TrustManager[] in(Path bundle) {
        try (InputStream file = Files.newInputStream(bundle)) {
            Collection<? extends Certificate> certificates =
                    CertificateFactory.getInstance("X.509").generateCertificates(file);
            if (certificates.isEmpty()) {
                return nobody(bundle, "there is no certificate in it");
            }
            var store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (Certificate certificate : certificates) {
                store.setCertificateEntry(String.valueOf(store.size()), certificate);
            }
            var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return factory.getTrustManagers();
        } catch (IOException | GeneralSecurityException unusable) {
            return nobody(bundle, unusable.toString());
        }
    }

    private static TrustManager[] nobody(Path bundle, String why) {
        return new TrustManager[] {new Nobody(VARIABLE + " names " + bundle + ", which can't be used: " + why)};
    }

    /** What is wrong with a server's certificate, where that is why a call failed. */
    static Optional<String> complaint(Throwable failure) {
        boolean aboutCertificates = false;
        Throwable inner = failure;
        while (inner.getCause() != null && !(inner instanceof NobodyIsTrusted)) {
            aboutCertificates |= inner instanceof CertificateException;
            inner = inner.getCause();
        }
        if (inner instanceof NobodyIsTrusted) {
            return Optional.of(String.valueOf(inner.getMessage()));
        }
        return aboutCertificates || inner instanceof CertificateException
                ? Optional.of("the server's certificate is not trusted: " + inner.getMessage()
                        + ". Where an authority of your own issued it, name the file with that one's certificate in "
                        + VARIABLE)
                : Optional.empty();
    }

    private static final class NobodyIsTrusted extends CertificateException {
        private static final long serialVersionUID = 1;

        NobodyIsTrusted(String why) {
            super(why);
        }
    }

    /** Trusts nobody, and says why. */
    private record Nobody(String why) implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
            throw new NobodyIsTrusted(why);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
            throw new NobodyIsTrusted(why);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
