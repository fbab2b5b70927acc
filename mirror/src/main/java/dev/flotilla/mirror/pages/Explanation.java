package dev.flotilla.mirror.pages;

import dev.flotilla.mirror.policy.Admission;
import dev.flotilla.mirror.policy.Hidden;
import dev.flotilla.mirror.policy.View;
import dev.flotilla.mirror.simple.DroppedEntry;
import dev.flotilla.mirror.simple.ProjectStatus;
import dev.flotilla.vocabulary.ProjectName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Why something of a project is missing, as far as this mirror knows without asking upstream.
 *
 * @param view the view in which it is looked at
 * @param admission whether the project is served at all
 * @param trouble what spoke against asking upstream lately
 * @param page the page as it is kept
 */
public record Explanation(
        ProjectName name, View view, Admission admission, Optional<Trouble> trouble, Optional<Page> page) {
    /** How many files are named in each list of an explanation; all of them are counted. */
    static final int MOST_NAMED = 1_000;

    /**
     * Why no page came when it was asked for last.
     *
     * @param since when it was so for the first time in an unbroken row, as far as this program remembers
     * @param latest when it was so last
     * @param until before when upstream isn't asked again; nothing where the next request asks it
     */
    public record Trouble(boolean absent, String reason, Instant since, Instant latest, Optional<Instant> until) {}

    /**
     * One version of the project. What the page says besides is of its files alone.
     *
     * @param listed whether upstream has it on its list of versions
     * @param offered the files of it that are offered
     */
    public record Version(String version, boolean listed, List<String> offered) {
        public Version {
            offered = List.copyOf(offered);
        }
    }

    /**
     * A page that is kept.
     *
     * @param version the version that was asked for, where one was
     * @param upstream who gave it
     * @param status what upstream says of the project (PEP 792), where it says something
     * @param purged whether it is to be fetched anew before it is served again
     * @param confirmed when it came or was last confirmed
     * @param age since then
     * @param staleSince when its lifetime ended, where it has
     * @param shown how many files are offered
     * @param hidden the first of those that a rule hides
     * @param hiddenCount all of those
     * @param withoutDigest the first of those that aren't offered because no digest of theirs is known
     * @param dropped the first entries that the parser couldn't take
     * @param droppedCount all of those
     */
    public record Page(
            Optional<Version> version,
            String upstream,
            Optional<ProjectStatus> status,
            boolean purged,
            OptionalLong serial,
            Instant confirmed,
            Duration age,
            Optional<Instant> staleSince,
            int shown,
            List<Hidden> hidden,
            int hiddenCount,
            List<String> withoutDigest,
            List<DroppedEntry> dropped,
            int droppedCount) {
        public Page {
            hidden = List.copyOf(hidden);
            withoutDigest = List.copyOf(withoutDigest);
            dropped = List.copyOf(dropped);
        }
    }
}
