package dev.flotilla.mirror.pages;

import dev.flotilla.mirror.policy.Admission;
import dev.flotilla.mirror.policy.Hidden;
import dev.flotilla.mirror.policy.View;
import dev.flotilla.mirror.simple.DroppedEntry;
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
     * @param since when that was
     * @param until when upstream is asked again
     */
    public record Trouble(boolean absent, String reason, Instant since, Instant until) {}

    /**
     * A page that is kept.
     *
     * @param upstream who gave it
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
            String upstream,
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
