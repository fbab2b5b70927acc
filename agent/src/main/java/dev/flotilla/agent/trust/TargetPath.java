package dev.flotilla.agent.trust;

import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.RegionName;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The name of a file that a release offers (TUF 1.0, section 4.5): segments of letters, digits, {@code .}, {@code _},
 * {@code -} and {@code +}, joined by {@code /}; at most 512 characters, and never a way out of a folder.
 */
public record TargetPath(String value) implements Comparable<TargetPath> {
    private static final int LONGEST_CHARACTERS = 512;
    private static final String WHEELS = "wheels/";
    private static final String INDEX = "/index.json";
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._+-]*(/[A-Za-z0-9_][A-Za-z0-9._+-]*)*");

    public TargetPath {
        if (value.length() > LONGEST_CHARACTERS || !FORM.matcher(value).matches()) {
            throw new IllegalArgumentException("no target path: '" + value + "'");
        }
    }

    /** The configuration of one node's mirror. */
    public static TargetPath mirrorConfiguration(RegionName region, NodeName node) {
        return new TargetPath("configuration/" + region + "/" + node + "/mirror.conf");
    }

    /** The archive of the mirror that all nodes run. */
    public static TargetPath mirrorProgram() {
        return new TargetPath("programs/flotilla-mirror.tar.gz");
    }

    /** What operators want of all nodes now, signed by {@link Delegation#INTENTS}. */
    public static TargetPath intents() {
        return new TargetPath("intents/fleet.json");
    }

    /** The wheels of one platform, signed by {@link Delegation#WHEELS}. */
    public static TargetPath wheels(PlatformSlug platform) {
        return new TargetPath(WHEELS + platform + INDEX);
    }

    /** The platform whose wheels this path names; empty where it names something else. */
    public static Optional<PlatformSlug> platformOf(String path) {
        if (!path.startsWith(WHEELS) || !path.endsWith(INDEX) || path.length() <= WHEELS.length() + INDEX.length()) {
            return Optional.empty();
        }
        String slug = path.substring(WHEELS.length(), path.length() - INDEX.length());
        return PlatformSlug.parse(slug).filter(platform -> platform.toString().equals(slug));
    }

    /** Which node takes the release up when. A release without it goes everywhere at once. */
    public static TargetPath rollout() {
        return new TargetPath("rollout.json");
    }

    /** The archive of the agent that all nodes run, where a release brings one. */
    public static TargetPath agentProgram() {
        return new TargetPath("programs/flotilla-agent.tar.gz");
    }

    @Override
    public int compareTo(TargetPath other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
