package dev.flotilla.vocabulary;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What wheels are built for and jobs run on, {@code ‹distribution›-‹version›-‹architecture›}: {@code debian-12-x86_64}. Wheels fit within
 * a release of a distribution and not within its point releases, so versions are cut to what tells releases apart: all the ways in which
 * os-release (freedesktop.org, os-release(5)), Ansible and people write one platform come to one slug. The test vectors,
 * docs/reference/platform-slugs.tsv, are those of everybody who makes slugs.
 *
 * @param distribution in lower case, such as {@code ubuntu} or {@code opensuse-leap}
 * @param version such as {@code 22.04}, or {@value #ROLLING} for distributions that have none
 * @param architecture as {@code uname -m} says it, such as {@code x86_64}
 */
public record PlatformSlug(String distribution, String version, String architecture)
        implements Comparable<PlatformSlug> {
    private static final String ROLLING = "rolling";
    private static final int LONGEST = 64;

    private static final Pattern DISTRIBUTION = Pattern.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*");
    private static final Pattern VERSION = Pattern.compile("[0-9]+(\\.[0-9]+)*");
    private static final Pattern ARCHITECTURE = Pattern.compile("[a-z0-9_]+");
    private static final Pattern SEPARATORS = Pattern.compile("[\\s_-]+");

    /** Other words for a distribution: Ansible's, os-release's NAME, which pip tells, and those that have been seen in slugs. */
    private static final Map<String, String> DISTRIBUTIONS = Map.ofEntries(
            Map.entry("alma", "almalinux"),
            Map.entry("alpine-linux", "alpine"),
            Map.entry("amazon-linux", "amazon"),
            Map.entry("amzn", "amazon"),
            Map.entry("arch", "archlinux"),
            Map.entry("arch-linux", "archlinux"),
            Map.entry("centos-linux", "centos"),
            Map.entry("centos-stream", "centos"),
            Map.entry("debian-gnu-linux", "debian"),
            Map.entry("fedora-linux", "fedora"),
            Map.entry("ol", "oracle"),
            Map.entry("oracle-linux", "oracle"),
            Map.entry("oracle-linux-server", "oracle"),
            Map.entry("oraclelinux", "oracle"),
            Map.entry("opensuse", "opensuse-leap"),
            Map.entry("red-hat-enterprise-linux", "rhel"),
            Map.entry("redhat", "rhel"),
            Map.entry("rocky-linux", "rocky"),
            Map.entry("rockylinux", "rocky"));

    private static final Map<String, String> ARCHITECTURES = Map.ofEntries(
            Map.entry("amd64", "x86_64"),
            Map.entry("x64", "x86_64"),
            Map.entry("arm64", "aarch64"),
            Map.entry("ppc64el", "ppc64le"),
            Map.entry("armhf", "armv7l"),
            Map.entry("i386", "i686"),
            Map.entry("i586", "i686"));

    /** How many parts of the version tell releases apart: one unless it stands here. */
    private static final Map<String, Integer> PARTS =
            Map.of("alpine", 2, "openeuler", 2, "opensuse-leap", 2, "sles", 2, "ubuntu", 2);

    private static final Set<String> WITHOUT_VERSION = Set.of("archlinux", "gentoo", "opensuse-tumbleweed", "void");

    public PlatformSlug {
        if (!DISTRIBUTION.matcher(distribution).matches()
                || !(version.equals(ROLLING) || VERSION.matcher(version).matches())
                || !ARCHITECTURE.matcher(architecture).matches()
                || distribution.length() + version.length() + architecture.length() > LONGEST - 2) {
            throw new IllegalArgumentException(
                    "no platform: '" + distribution + "', '" + version + "', '" + architecture + "'");
        }
    }

    /**
     * The slug of a platform in whatever words; {@link IllegalArgumentException} says why they name none.
     *
     * @param distribution os-release's {@code ID} or Ansible's {@code ansible_distribution}
     * @param version os-release's {@code VERSION_ID} or Ansible's {@code ansible_distribution_version}; empty where there is none
     * @param architecture {@code uname -m}, or what Debian and Go call it
     */
    public static PlatformSlug of(String distribution, String version, String architecture) {
        String words = SEPARATORS
                .matcher(distribution.strip().toLowerCase(Locale.ROOT).replace('/', ' '))
                .replaceAll("-");
        String name = DISTRIBUTIONS.getOrDefault(words, words);
        String machine = architecture.strip().toLowerCase(Locale.ROOT).replace('-', '_');
        return new PlatformSlug(
                name,
                release(name, version.strip().toLowerCase(Locale.ROOT)),
                ARCHITECTURES.getOrDefault(machine, machine));
    }

    /** The slug that this text means, which is perhaps a drifted form of it; empty where it means none. */
    public static Optional<PlatformSlug> parse(String text) {
        int machine = text.lastIndexOf('-');
        int version = machine < 1 ? -1 : text.lastIndexOf('-', machine - 1);
        if (version < 1 || text.length() > LONGEST) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    of(text.substring(0, version), text.substring(version + 1, machine), text.substring(machine + 1)));
        } catch (IllegalArgumentException none) {
            return Optional.empty();
        }
    }

    private static String release(String distribution, String version) {
        if (WITHOUT_VERSION.contains(distribution)) {
            return ROLLING;
        }
        if (!VERSION.matcher(version).matches()) {
            throw new IllegalArgumentException(
                    "'" + version + "' is no version of a release of " + distribution + ": digits and dots are wanted");
        }
        List<String> parts = new ArrayList<>(List.of(version.split("\\.", -1)));
        int wanted = PARTS.getOrDefault(distribution, 1);
        if (parts.size() < wanted) {
            throw new IllegalArgumentException("releases of " + distribution + " have versions of " + wanted
                    + " parts, such as 22.04, and '" + version + "' has less");
        }
        return String.join(".", parts.subList(0, wanted));
    }

    @Override
    public int compareTo(PlatformSlug other) {
        return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
        return distribution + "-" + version + "-" + architecture;
    }
}
