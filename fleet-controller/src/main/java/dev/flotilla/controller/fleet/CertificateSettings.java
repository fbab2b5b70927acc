package dev.flotilla.controller.fleet;

import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * By whom the fleet's certificates are issued.
 *
 * @param directory the ACME server's directory (RFC 8555, section 7.1.1)
 * @param contacts addresses of mail that the server may write to
 * @param folder holds the account's key and a folder for each region
 * @param serverAuthority a file in PEM with the authorities that the ACME server's own certificate goes by; absent for those
 *     that Java knows
 * @param challengeZone the hosted zone into which aliases lead from where names are proved; absent where none do
 */
public record CertificateSettings(
        URI directory,
        List<String> contacts,
        Path folder,
        Optional<Path> serverAuthority,
        Optional<DnsName> challengeZone) {
    private static final String LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory";
    private static final Pattern MAIL = Pattern.compile("[^\\s@,?]+@[^\\s@,?]+");

    public CertificateSettings {
        contacts = List.copyOf(contacts);
    }

    static Setting<CertificateSettings> read(Settings settings, Path base) {
        var directory = settings.optional("directory", URI.create(LETS_ENCRYPT), CertificateSettings::directory);
        var contacts = settings.list("contacts", List.of(), CertificateSettings::mail);
        var agree = settings.flag("agree", false);
        var folder = settings.optional("folder", base.resolve("certificates"), base::resolve);
        var authority = settings.optional("server-authority", base::resolve);
        var challengeZone = settings.optional("challenge-zone", DnsName::parse);
        return settings.build(() -> {
            if (!agree.get()) {
                throw new IllegalArgumentException("agree = true is needed: ACME servers issue to those alone who"
                        + " agree to their terms of service, and only you can do so");
            }
            return new CertificateSettings(
                    directory.get(), contacts.get(), folder.get(), authority.get(), challengeZone.get());
        });
    }

    private static URI directory(String text) {
        URI uri = Endpoint.parse(text);
        if (!"https".equals(uri.getScheme())) {
            throw new IllegalArgumentException(
                    "'" + text + "' is no directory of an ACME server: they speak HTTPS alone (RFC 8555, section 6.1)");
        }
        return uri;
    }

    private static String mail(String text) {
        if (!MAIL.matcher(text).matches()) {
            throw new IllegalArgumentException("'" + text + "' is no address of mail: write one as in ops@example.org");
        }
        return text;
    }
}
