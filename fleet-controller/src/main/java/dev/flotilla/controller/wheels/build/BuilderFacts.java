package dev.flotilla.controller.wheels.build;

import com.google.common.base.Splitter;
import dev.flotilla.controller.fleet.WheelPlatform;
import dev.flotilla.vocabulary.Interpreter;
import dev.flotilla.vocabulary.Machine;
import dev.flotilla.vocabulary.PlatformSlug;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code look.sh} says of a machine. Pure.
 *
 * @param has programs by name, with what they say of their version
 * @param overseer a Python that can watch over sandboxes
 * @param sizes whether its bubblewrap can bound what is written, and forbid namespaces inside
 * @param folder whether the folder for builds can be written
 */
record BuilderFacts(
        Optional<PlatformSlug> slug,
        Optional<Machine> machine,
        String written,
        Map<String, String> has,
        Map<Interpreter, Python> pythons,
        Optional<String> overseer,
        boolean sizes,
        boolean folder) {
    private static final Splitter WORDS = Splitter.on(' ').omitEmptyStrings();

    /** The oldest bubblewrap that can do what sandboxes here need. */
    private static final String BUBBLEWRAP = "bubblewrap 0.8.0";

    /**
     * A Python of the machine.
     *
     * @param program absolute, no link
     * @param prefix the folder in which it is whole
     */
    record Python(String program, String prefix) {
        /** The folder that the sandbox has to see beside those of the system; empty where it is in one of them. */
        Optional<String> root() {
            return prefix.equals("/usr") || prefix.startsWith("/usr/") ? Optional.empty() : Optional.of(prefix);
        }
    }

    static BuilderFacts read(String said) {
        Map<String, List<String>> single = new LinkedHashMap<>();
        Map<String, String> has = new LinkedHashMap<>();
        Map<Interpreter, Python> pythons = new LinkedHashMap<>();
        for (String line : said.lines().toList()) {
            List<String> words = WORDS.splitToList(line);
            if (words.size() > 2 && words.getFirst().equals("has")) {
                has.put(words.get(1), String.join(" ", words.subList(2, words.size())));
            } else if (words.size() == 4 && words.getFirst().equals("python")) {
                pythons.put(Interpreter.parse(words.get(1)), new Python(words.get(2), words.get(3)));
            } else if (words.size() > 1) {
                single.putIfAbsent(words.getFirst(), words.subList(1, words.size()));
            }
        }
        String architecture = String.join(" ", single.getOrDefault("machine", List.of()));
        List<String> os = single.getOrDefault("os", List.of());
        List<String> library = single.getOrDefault("library", List.of());
        return new BuilderFacts(
                slug(os, architecture),
                machine(library, architecture),
                String.join(" ", os) + " on " + architecture + ", " + String.join(" ", library),
                Map.copyOf(has),
                Map.copyOf(pythons),
                Optional.ofNullable(single.get("overseer")).map(List::getFirst),
                single.containsKey("sizes"),
                single.containsKey("folder"));
    }

    private static Optional<PlatformSlug> slug(List<String> os, String architecture) {
        try {
            return os.size() == 2
                    ? Optional.of(
                            PlatformSlug.of(os.getFirst(), os.getLast().equals("-") ? "" : os.getLast(), architecture))
                    : Optional.empty();
        } catch (IllegalArgumentException none) {
            return Optional.empty();
        }
    }

    private static Optional<Machine> machine(List<String> library, String architecture) {
        try {
            // musl has three parts, of which wheels know two.
            return library.size() == 2
                    ? Optional.of(Machine.of(
                            architecture,
                            Machine.Library.of(library.getFirst()),
                            library.getLast().replaceFirst("^([0-9]+\\.[0-9]+).*", "$1")))
                    : Optional.empty();
        } catch (IllegalArgumentException none) {
            return Optional.empty();
        }
    }

    /** All that keeps it from building for {@code platform}, each in a line. */
    List<String> missing(WheelPlatform platform, String where) {
        List<String> missing = new ArrayList<>();
        if (!slug.equals(Optional.of(platform.slug()))) {
            missing.add("it is " + slug.map(PlatformSlug::toString).orElse(written) + " and not " + platform.slug()
                    + ": builder = another machine");
        }
        if (!machine.equals(Optional.of(platform.machine()))) {
            missing.add("its C library is not the platform's: it is " + written + ", and platforms." + platform.slug()
                    + ".library says otherwise");
        }
        if (!has.containsKey("bwrap")) {
            missing.add("bwrap is missing: install bubblewrap");
        } else if (!sizes) {
            missing.add("its bubblewrap is too old (" + has.get("bwrap") + "): " + BUBBLEWRAP + " or later is needed");
        }
        if (overseer.isEmpty()) {
            missing.add("python3 is missing, in version 3.8 or later");
        }
        if (!has.containsKey("sha256sum")) {
            missing.add("sha256sum is missing");
        }
        if (!folder) {
            missing.add("the folder " + where + " can't be written");
        }
        for (Interpreter interpreter : platform.pythons()) {
            if (!pythons.containsKey(interpreter)) {
                missing.add("python" + interpreter
                        + " is missing: below /usr, /usr/local or /opt, since builds see no home");
            }
        }
        return missing;
    }
}
