package dev.flotilla.agent.trust;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;

/** A metadata file of a repository (TUF 1.0, section 3.1.2): a role, and a version where its name begins with one. */
public record MetadataFile(String role, Optional<Long> version) {
    private static final String PLAIN = "_.-~";

    public static MetadataFile of(Role role, long version) {
        return new MetadataFile(role.metadataName(), Optional.of(version));
    }

    public static MetadataFile timestamp() {
        return new MetadataFile(Role.TIMESTAMP.metadataName(), Optional.empty());
    }

    /** The name of the file, the role's own name in percent-encoding (RFC 3986, section 2.1). */
    public String name() {
        return version.map(number -> number + ".").orElse("") + encoded(role) + ".json";
    }

    /** A role's name as part of a file name: no way out of a folder. */
    public static String encoded(String role) {
        var out = new StringBuilder();
        for (byte b : role.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean letterOrDigit = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (letterOrDigit || PLAIN.indexOf(c) >= 0) {
                out.append(c);
            } else {
                out.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
            }
        }
        return out.toString();
    }

    @Override
    public String toString() {
        return name();
    }
}
