package dev.flotilla.mirror.policy;

import dev.flotilla.mirror.simple.ProjectFile;
import dev.flotilla.mirror.simple.ProjectPage;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.ProjectName;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The rules of what this mirror serves. Pure and immutable.
 *
 * @param block names that aren't served, whatever else is said
 * @param allow the only names that are served; empty for all. For a mirror of a closed set of projects
 * @param privateNames names that upstream must never be asked for and that don't exist here: what a company calls its own
 *     packages would tell strangers what to squat
 * @param largestFile the most bytes of a file that is offered. A file whose size the page doesn't tell is stopped there
 *     while it is downloaded
 * @param largestProject the most bytes that the files of a project have together; beyond it none is offered. Sizes that the
 *     page doesn't tell count as nothing
 * @param cooldown how old a file has to be to be offered; a file of which nobody says when it came isn't
 * @param remembered how many verdicts on projects and hidden files are held for judging direct requests for files. 100,000:
 *     some ten megabytes
 */
public record Policy(
        NamePatterns block,
        NamePatterns allow,
        NamePatterns privateNames,
        Optional<ByteSize> largestFile,
        Optional<ByteSize> largestProject,
        Optional<Duration> cooldown,
        int remembered) {

    private static final Admission OPEN = new Admission.Open();

    public Policy {
        if (remembered < 1) {
            throw new IllegalArgumentException("at least one verdict has to be remembered, not " + remembered);
        }
    }

    /** Everything is served. */
    public static Policy open() {
        return new Policy(
                NamePatterns.none(),
                NamePatterns.none(),
                NamePatterns.none(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                100_000);
    }

    /** Whether projects of this name are served. Private goes over blocked: the more careful answer. */
    public Admission admission(ProjectName name) {
        var reserved = privateNames.match(name);
        if (reserved.isPresent()) {
            return new Admission.Private("the name " + name + " is private here (" + reserved.get() + ")");
        }
        var blocked = block.match(name);
        if (blocked.isPresent()) {
            return new Admission.Blocked("the project " + name + " is blocked here (" + blocked.get() + ")");
        }
        return isAllowed(name)
                ? OPEN
                : new Admission.Blocked("the project " + name + " isn't on the list of those that are served here");
    }

    /** Whether projects of this name are served, as {@link #admission} says it but without words: for long lists of names. */
    public boolean admits(ProjectName name) {
        return privateNames.match(name).isEmpty() && block.match(name).isEmpty() && isAllowed(name);
    }

    private boolean isAllowed(ProjectName name) {
        return allow.isEmpty() || allow.match(name).isPresent();
    }

    /** What {@code page} may show in {@code view} at {@code now}. Takes time in proportion to the page. */
    public Judgement judge(ProjectPage page, View view, Instant now) {
        var rules = new Rules(page, view);
        var hidden = new ArrayList<Hidden>();
        var shown = new ArrayList<ProjectFile>();
        for (var file : page.files()) {
            var verdict = rules.judge(file, now);
            if (verdict.isPresent()) {
                hidden.add(verdict.get());
            } else {
                shown.add(file);
            }
        }
        var changes = hidden.stream().flatMap(one -> one.until().stream()).min(Instant::compareTo);
        return new Judgement(hidden.isEmpty() ? page : page.withFiles(shown), hidden, changes);
    }

    /** Why {@code file} of {@code page} isn't shown in {@code view} at {@code now}; empty where it is. */
    public Optional<Hidden> judge(ProjectPage page, ProjectFile file, View view, Instant now) {
        return new Rules(page, view).judge(file, now);
    }

    /** The rules for the files of one page in one view. */
    private final class Rules {
        private final boolean quarantined;
        private final boolean tooLarge;
        private final View view;

        Rules(ProjectPage page, View view) {
            this.view = view;
            quarantined = page.status().isPresent() && page.status().get().quarantined();
            tooLarge = largestProject.isPresent()
                    && exceeds(page.files(), largestProject.get().bytes());
        }

        Optional<Hidden> judge(ProjectFile file, Instant now) {
            if (quarantined) {
                return forEver(file, Rule.QUARANTINE);
            }
            if (tooLarge) {
                return forEver(file, Rule.PROJECT_SIZE);
            }
            if (largestFile.isPresent()
                    && file.size().orElse(0) > largestFile.get().bytes()) {
                return forEver(file, Rule.FILE_SIZE);
            }
            return dated(file, now);
        }

        private Optional<Hidden> dated(ProjectFile file, Instant now) {
            Optional<Duration> age = ageDemanded();
            if (age.isEmpty() && !(view instanceof View.AsOf)) {
                return Optional.empty();
            }
            Optional<Instant> uploaded = file.uploaded();
            if (uploaded.isEmpty()) {
                return forEver(file, Rule.UNKNOWN_TIME);
            }
            if (view instanceof View.AsOf(var date)
                    && !uploaded.get()
                            .isBefore(date.plusDays(1)
                                    .atStartOfDay(ZoneOffset.UTC)
                                    .toInstant())) {
                return forEver(file, Rule.AFTER_DATE);
            }
            return age.map(uploaded.get()::plus)
                    .filter(now::isBefore)
                    .map(until -> new Hidden(file, Rule.TOO_YOUNG, Optional.of(until)));
        }

        private Optional<Duration> ageDemanded() {
            if (!(view instanceof View.Cooldown(int days))) {
                return cooldown;
            }
            var asked = Duration.ofDays(days);
            return cooldown.filter(own -> own.compareTo(asked) > 0).or(() -> Optional.of(asked));
        }

        private static boolean exceeds(List<ProjectFile> files, long most) {
            long left = most;
            for (var file : files) {
                long size = file.size().orElse(0);
                if (size > left) {
                    return true;
                }
                left -= size;
            }
            return false;
        }

        private static Optional<Hidden> forEver(ProjectFile file, Rule rule) {
            return Optional.of(new Hidden(file, rule, Optional.empty()));
        }
    }
}
