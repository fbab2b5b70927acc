package dev.flotilla.controller.fleet;

import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import dev.flotilla.vocabulary.BuilderName;
import dev.flotilla.vocabulary.Interpreter;
import dev.flotilla.vocabulary.Machine;
import dev.flotilla.vocabulary.PlatformSlug;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What wheels are built for.
 *
 * @param machine its processor and C library: which wheels fit there
 * @param pythons for which of them, as in the file; at least one
 * @param builder where its wheels are built; perhaps none of the fleet's, which is told where they are all known
 * @param branches whose pins it needs; none means all branches
 */
public record WheelPlatform(
        PlatformSlug slug, Machine machine, List<Interpreter> pythons, BuilderName builder, List<String> branches) {
    private static final Pattern LIBRARY = Pattern.compile("([a-z]+) +(\\S+)");

    public WheelPlatform {
        pythons = List.copyOf(pythons);
        branches = List.copyOf(branches);
        if (pythons.isEmpty()) {
            throw new IllegalArgumentException("pythons has to name one at least: pythons = [\"3.11\"]");
        }
        if (new HashSet<>(pythons).size() < pythons.size()) {
            throw new IllegalArgumentException("pythons names one twice");
        }
    }

    /** The slug itself and no other spelling of it: what stands in the file is what stands in addresses. */
    static PlatformSlug slug(String text) {
        PlatformSlug slug = PlatformSlug.parse(text)
                .orElseThrow(() -> new IllegalArgumentException("'" + text
                        + "' is no platform: write distribution-version-architecture, such as debian-12-x86_64, in quotes where there"
                        + " is a dot in it: \"ubuntu-24.04-x86_64\""));
        if (!slug.toString().equals(text)) {
            throw new IllegalArgumentException("'" + text + "' is another spelling of " + slug + ": write that");
        }
        return slug;
    }

    static Setting<WheelPlatform> read(PlatformSlug slug, Settings settings) {
        var machine = settings.required("library", text -> machine(slug, text));
        var pythons = settings.list("pythons", List.of(), Interpreter::parse);
        var builder = settings.required("builder", BuilderName::new);
        var branches = settings.list("branches", List.of(), text -> text);
        return settings.build(
                () -> new WheelPlatform(slug, machine.get(), pythons.get(), builder.get(), branches.get()));
    }

    private static Machine machine(PlatformSlug slug, String text) {
        Matcher parts = LIBRARY.matcher(text.strip());
        if (!parts.matches()) {
            throw new IllegalArgumentException("'" + text + "' is no C library and its version: write \"glibc 2.36\" or"
                    + " \"musl 1.2\", as ldd --version tells it there");
        }
        return Machine.of(slug.architecture(), Machine.Library.of(parts.group(1)), parts.group(2));
    }
}
