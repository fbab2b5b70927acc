package dev.flotilla.agent.rollout;

import dev.flotilla.agent.trust.TargetsMetadata;
import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.RegionName;
import java.util.Comparator;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A node of the fleet, written {@code east/east-1}; in the order of regions' and nodes' names. */
public record Member(RegionName region, NodeName node) implements Comparable<Member> {
    private static final Comparator<Member> ORDER =
            Comparator.comparing(Member::region).thenComparing(Member::node);
    private static final Pattern CONFIGURATION = Pattern.compile("configuration/([^/]+)/([^/]+)/mirror\\.conf");

    /** {@link IllegalArgumentException} where the text is no such name. */
    public static Member parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException("'" + text + "' is no node: write region and name, as in east/east-1");
        }
        return new Member(new RegionName(text.substring(0, slash)), new NodeName(text.substring(slash + 1)));
    }

    /** All nodes of a release: those that it has a configuration for, so that membership is signed. */
    public static SortedSet<Member> of(TargetsMetadata release) {
        SortedSet<Member> members = new TreeSet<>();
        for (String path : release.targets().keySet()) {
            Matcher matcher = CONFIGURATION.matcher(path);
            if (matcher.matches()) {
                members.add(new Member(new RegionName(matcher.group(1)), new NodeName(matcher.group(2))));
            }
        }
        return members;
    }

    @Override
    public int compareTo(Member other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return region + "/" + node;
    }
}
