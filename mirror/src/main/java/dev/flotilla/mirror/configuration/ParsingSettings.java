package dev.flotilla.mirror.configuration;

import dev.flotilla.mirror.simple.Limits;
import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import dev.flotilla.vocabulary.ByteSize;

/**
 * How much of what an upstream gives is read before it is refused.
 *
 * @param page of a project's page
 * @param rootList of the list of all projects
 */
public record ParsingSettings(Limits page, Limits rootList) {
    static Setting<ParsingSettings> read(Settings settings) {
        var page = settings.section("page", inner -> limits(inner, Limits.usual()));
        var rootList = settings.section("root-list", inner -> limits(inner, Limits.usualOfRootList()));
        return settings.build(() -> new ParsingSettings(page.get(), rootList.get()));
    }

    private static Setting<Limits> limits(Settings settings, Limits usual) {
        var size = settings.size("size", usual.size(), ByteSize.ofKiB(1));
        var entries = settings.integer("entries", usual.entries(), 1, 100_000_000);
        var depth = settings.integer("nesting-depth", usual.nestingDepth(), 4, 1_000);
        var strings = settings.integer("string-length", usual.stringLength(), 256, 100_000_000);
        var explanations = settings.integer("explanations", usual.explanations(), 0, 100_000);
        return settings.build(
                () -> new Limits(size.get(), entries.get(), depth.get(), strings.get(), explanations.get()));
    }
}
