package dev.flotilla.vocabulary;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A CPython 3 as far as it matters to wheels (PEP 425; PEP 703 for the free-threaded ones).
 *
 * @param minor of its version: 11 of 3.11
 * @param freeThreaded whether it runs without the global lock, and has an ABI of its own
 */
public record Interpreter(int minor, boolean freeThreaded) {
    /** The first with wheels that anybody still has. */
    private static final int FIRST = 6;

    /** Some that aren't there yet: a wheel of today may name what comes. */
    private static final int LAST = 20;

    private static final int FIRST_FREE_THREADED = 13;

    private static final Pattern VERSION = Pattern.compile("3\\.([0-9]{1,2})(t?)");
    private static final Pattern CPYTHON_3 = Pattern.compile("cp3([0-9]{1,2})");
    private static final Pattern PYTHON_3 = Pattern.compile("py3([0-9]{0,2})");

    public Interpreter {
        if (minor < 0 || (freeThreaded && minor < FIRST_FREE_THREADED)) {
            throw new IllegalArgumentException("no interpreter: 3." + minor + (freeThreaded ? ", free-threaded" : ""));
        }
    }

    /** The interpreter of a version as people write it, {@code 3.11} or {@code 3.13t}; {@link IllegalArgumentException} where it is none. */
    public static Interpreter parse(String text) {
        Matcher version = VERSION.matcher(text);
        if (!version.matches()) {
            throw new IllegalArgumentException(
                    "'" + text + "' is no version of CPython 3: write 3.11, or 3.13t for one without the global lock");
        }
        return new Interpreter(
                Integer.parseInt(version.group(1)), !version.group(2).isEmpty());
    }

    /** All that a wheel could be for, the older ones first. */
    public static List<Interpreter> all() {
        List<Interpreter> all = new ArrayList<>();
        for (int minor = FIRST; minor <= LAST; minor++) {
            all.add(new Interpreter(minor, false));
            if (minor >= FIRST_FREE_THREADED) {
                all.add(new Interpreter(minor, true));
            }
        }
        return all;
    }

    /** Whether it takes wheels with one of these Python tags and one of these ABI tags. */
    boolean takes(List<String> pythons, List<String> abis) {
        return pythons.stream().anyMatch(python -> abis.stream().anyMatch(abi -> takes(python, abi)));
    }

    private boolean takes(String python, String abi) {
        Matcher generic = PYTHON_3.matcher(python);
        if (generic.matches()) {
            // py3 means every one, py37 that one and those after it.
            return abi.equals("none") && since(generic.group(1));
        }
        Matcher cpython = CPYTHON_3.matcher(python);
        if (!cpython.matches()) {
            return false;
        }
        int named = Integer.parseInt(cpython.group(1));
        return switch (abi) {
            case "none" -> named == minor;
            // The stable ABI is that of one version and of those after it, and not of those without the global lock.
            case "abi3" -> !freeThreaded && named <= minor;
            default -> named == minor && abi.equals(ownAbi());
        };
    }

    /** Up to 3.7 with the letter for its allocator. */
    private String ownAbi() {
        return "cp3" + minor + (freeThreaded ? "t" : minor < 8 ? "m" : "");
    }

    private boolean since(String first) {
        return first.isEmpty() || Integer.parseInt(first) <= minor;
    }

    @Override
    public String toString() {
        return "3." + minor + (freeThreaded ? "t" : "");
    }
}
