package dev.flotilla.mirror.simple;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The time of an upload as indexes write it (PEP 700): {@code yyyy-mm-ddThh:mm:ss}, up to nine decimals, {@code Z}. Offsets
 * other than {@code Z} are taken too, since clients take them and indexes other than PyPI send them.
 */
final class UploadTime {
    private static final Pattern WRITTEN = Pattern.compile(
            "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})");

    private UploadTime() {}

    static Optional<Instant> parse(String written) {
        if (!WRITTEN.matcher(written).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(OffsetDateTime.parse(written).toInstant());
        } catch (DateTimeException noSuchTime) {
            return Optional.empty();
        }
    }
}
