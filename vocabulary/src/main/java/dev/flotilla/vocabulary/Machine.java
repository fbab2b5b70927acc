package dev.flotilla.vocabulary;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A Linux as far as it matters to wheels: which processor, and which C library in which version (PEP 600, PEP 656).
 *
 * @param architecture as {@code uname -m} says it
 * @param major of the C library's version
 * @param minor of the C library's version
 */
public record Machine(String architecture, Library library, int major, int minor) {
    private static final Pattern VERSIONED = Pattern.compile("(manylinux|musllinux)_([0-9]{1,4})_([0-9]{1,4})_(.+)");
    private static final Pattern NAMED = Pattern.compile("(manylinux1|manylinux2010|manylinux2014)_(.+)");
    private static final String PLAIN = "linux_";
    private static final Pattern VERSION = Pattern.compile("([0-9]{1,4})\\.([0-9]{1,4})");

    /** The names from before PEP 600, and the minor version of glibc 2 that each stands for. */
    private static final Map<String, Integer> NAMES = Map.of("manylinux1", 5, "manylinux2010", 12, "manylinux2014", 17);

    /** A C library. */
    public enum Library {
        GLIBC("manylinux"),
        MUSL("musllinux");

        private final String tag;

        Library(String tag) {
            this.tag = tag;
        }

        /** As {@link #of} reads it. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** The library of this name, in lower case; {@link IllegalArgumentException} where there is none. */
        public static Library of(String name) {
            return switch (name) {
                case "glibc" -> GLIBC;
                case "musl" -> MUSL;
                default -> throw new IllegalArgumentException("'" + name + "' is no C library: glibc or musl");
            };
        }
    }

    /** The machine whose C library has this version, such as {@code 2.36}; {@link IllegalArgumentException} where it is none. */
    public static Machine of(String architecture, Library library, String version) {
        Matcher parts = VERSION.matcher(version);
        if (!parts.matches()) {
            throw new IllegalArgumentException("'" + version + "' is no version of a C library, such as 2.36");
        }
        return new Machine(architecture, library, Integer.parseInt(parts.group(1)), Integer.parseInt(parts.group(2)));
    }

    /** Whether it takes wheels with this platform tag. */
    boolean takes(String platform) {
        if (platform.equals("any") || platform.equals(PLAIN + architecture)) {
            return true;
        }
        Matcher named = NAMED.matcher(platform);
        if (named.matches()) {
            return library == Library.GLIBC
                    && named.group(2).equals(architecture)
                    && atLeast(2, NAMES.getOrDefault(named.group(1), Integer.MAX_VALUE));
        }
        Matcher versioned = VERSIONED.matcher(platform);
        return versioned.matches()
                && versioned.group(1).equals(library.tag)
                && versioned.group(4).equals(architecture)
                && atLeast(Integer.parseInt(versioned.group(2)), Integer.parseInt(versioned.group(3)));
    }

    private boolean atLeast(int wantedMajor, int wantedMinor) {
        return major == wantedMajor && minor >= wantedMinor;
    }
}
