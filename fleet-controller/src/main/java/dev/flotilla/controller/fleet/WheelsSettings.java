package dev.flotilla.controller.fleet;

import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import dev.flotilla.vocabulary.BuilderName;
import dev.flotilla.vocabulary.PlatformSlug;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which wheels are built for the fleet's clients, and where.
 *
 * @param branches by name the files that say what jobs of a branch install: requirements, constraints, lock files; absolute
 * @param platforms by slug, in the order of the file; at least one
 * @param builders by name
 * @param limits of each build
 * @param retireAfter how long a wheel stays that no branch uses any more
 * @param deleteAfter how long the bytes of a wheel stay in the bucket after it has left its index
 * @param rebuildAfter after which time a wheel is built anew, so that an old one doesn't hide that nobody could build it today
 */
public record WheelsSettings(
        Map<String, List<Path>> branches,
        Map<PlatformSlug, WheelPlatform> platforms,
        Map<BuilderName, WheelBuilder> builders,
        BuildLimits limits,
        Duration retireAfter,
        Duration deleteAfter,
        Duration rebuildAfter) {
    /** Branches have names as in version control. */
    private static final Pattern BRANCH = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/-]{0,62}");

    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration LONGEST = Duration.ofDays(3650);

    public WheelsSettings {
        branches = Map.copyOf(branches);
        platforms = Collections.unmodifiableMap(new LinkedHashMap<>(platforms));
        builders = Map.copyOf(builders);
        if (platforms.isEmpty()) {
            throw new IllegalArgumentException(
                    "platforms has to have one at least: platforms { debian-12-x86_64 { … } }");
        }
        for (WheelPlatform platform : platforms.values()) {
            if (!builders.containsKey(platform.builder())) {
                throw new IllegalArgumentException("platforms." + platform.slug() + ".builder: there is no builder "
                        + platform.builder() + ": write builders { " + platform.builder() + " { … } }");
            }
            for (String branch : platform.branches()) {
                if (!branches.containsKey(branch)) {
                    throw new IllegalArgumentException(
                            "platforms." + platform.slug() + ".branches: there is no branch " + branch);
                }
            }
        }
    }

    static Setting<WheelsSettings> read(Settings settings, Path folder) {
        var branches =
                settings.named("branches", WheelsSettings::branch, (branch, inner) -> requirements(inner, folder));
        var platforms = settings.named("platforms", WheelPlatform::slug, WheelPlatform::read);
        var builders = settings.named("builders", BuilderName::new, WheelBuilder::read);
        var limits = settings.section("limits", BuildLimits::read);
        // A branch that was left out by mistake is back within a month.
        var retire = settings.duration("retire-after", Duration.ofDays(30), Duration.ZERO, LONGEST);
        // Nodes that were away for so long bring the newest index before they serve.
        var delete = settings.duration("delete-after", Duration.ofDays(30), DAY, LONGEST);
        var rebuild = settings.duration("rebuild-after", Duration.ofDays(90), DAY, LONGEST);
        return settings.build(() -> new WheelsSettings(
                branches.get(),
                platforms.get(),
                builders.get(),
                limits.get(),
                retire.get(),
                delete.get(),
                rebuild.get()));
    }

    private static Setting<List<Path>> requirements(Settings settings, Path folder) {
        var files = settings.list("requirements", List.of(), folder::resolve);
        return settings.build(() -> {
            if (files.get().isEmpty()) {
                throw new IllegalArgumentException(
                        "requirements has to name a file at least: requirements = [\"constraints.txt\"]");
            }
            return files.get().stream().map(Path::normalize).toList();
        });
    }

    private static String branch(String text) {
        if (!BRANCH.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "'" + text
                            + "' is no name for a branch: letters, digits, '.', '_', '/' and '-', beginning with a letter or digit");
        }
        return text;
    }

    /** The builder of a platform, which there always is. */
    public WheelBuilder builderOf(WheelPlatform platform) {
        return Optional.ofNullable(builders.get(platform.builder())).orElseThrow();
    }
}
