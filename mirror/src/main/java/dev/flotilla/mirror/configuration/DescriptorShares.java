package dev.flotilla.mirror.configuration;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * How the files that this process may have open are shared out, after those that are held back.
 *
 * @param descriptors how many it may have open in all
 * @param connections how many connections of clients there may be. Each may have a file sent by the system, so that it counts for two
 * @param files how many more files may stay open: those that are mapped, and those that are sent in parts, encrypted or framed
 */
public record DescriptorShares(long descriptors, int connections, int files) {

    /** Files have one of so many before connections have theirs, and all that connections leave. */
    private static final int FILES_SHARE = 16;

    private static final int MOST_BEFORE_CONNECTIONS = 1024;

    /** Those of this process, whose limit is that of {@code ulimit -n}. */
    public static DescriptorShares ofThisProcess(HttpSettings settings) {
        return of(
                settings,
                ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                        ? unix.getMaxFileDescriptorCount()
                        : Long.MAX_VALUE);
    }

    /** Spare connections and those of operators read no files. */
    static DescriptorShares of(HttpSettings settings, long descriptors) {
        long left = descriptors - settings.descriptorsHeldBack() - 2L * settings.spareConnections();
        long files = Math.clamp(left / FILES_SHARE, 0, MOST_BEFORE_CONNECTIONS);
        int connections = Math.clamp((left - files) / 2, 1, settings.connections());
        return new DescriptorShares(
                descriptors, connections, Math.clamp(left - 2L * connections, 0, Integer.MAX_VALUE));
    }
}
